import { nameOfNode, type Constraint, type PlanNode, type Strength } from './plan-node';

/** Nodes that come one after the other; several in one group need each other, so that no order serves. */
export interface NodeGroup {
  readonly nodes: readonly PlanNode[];
}

/**
 * Puts nodes in an order that meets the constraints among them. Weaker ones around a circle are given up first; what
 * must precede each other all the same comes back as one group. Where nothing decides, modules arrive before they change
 * and change before they go, children stop before and start after that, and names decide the rest.
 */
export function orderNodes(
  nodes: readonly PlanNode[],
  constraints: readonly Constraint[],
): readonly NodeGroup[] {
  const sorted = [...nodes].sort((a, b) => phase(a) - phase(b) || compare(nameOfNode(a), nameOfNode(b)));
  return groupsOf(sorted, constraints).groups;
}

/**
 * The groups of what precedes each other around a circle, in an order that keeps that of `nodes` where it can, and the
 * precedences that were not given up for it: around a circle the stronger ones are kept first, and of those that are
 * equally strong the earlier ones, as long as they close no circle.
 */
export function groupsOf<Node, Edge extends Precedence<Node>>(
  nodes: readonly Node[],
  edges: readonly Edge[],
): { readonly groups: readonly Group<Node>[]; readonly kept: readonly Edge[] } {
  const present = new Set(nodes);
  const among = edges.filter(({ before, after }) => present.has(before) && present.has(after));
  const circles = circleNumbers(stronglyConnected(nodes, predecessorsOf(nodes, among)));
  const isFree = ({ before, after, strength }: Edge): boolean =>
    strength === 'must' || circles.get(before) !== circles.get(after);
  const kept = among.filter(isFree);
  const successors = new Map<Node, Set<Node>>();
  const keep = ({ before, after }: Edge): void => {
    const others = successors.get(before);
    if (others === undefined) successors.set(before, new Set([after]));
    else others.add(after);
  };
  kept.forEach(keep);
  const sameCircle = (one: Node, other: Node): boolean => circles.get(one) === circles.get(other);
  const looking = { left: maxLooking };
  const mayLead = (from: Node, to: Node): boolean => {
    for (const node of reachedFrom(from, successors, (next) => sameCircle(next, to), looking)) {
      if (node === to) return true;
    }
    // Who can't be sure gives it up.
    return looking.left <= 0;
  };
  // Two nodes have many reasons for one order: what was decided for one of them holds for the others.
  const decided = new Map<Node, Map<Node, boolean>>();
  for (const strength of ['should', 'wish'] as const) {
    for (const edge of among) {
      if (edge.strength !== strength || isFree(edge)) continue;
      const { before, after } = edge;
      const known = decided.get(before) ?? new Map<Node, boolean>();
      decided.set(before, known);
      const isKept = known.get(after) ?? !mayLead(after, before);
      known.set(after, isKept);
      if (!isKept) continue;
      kept.push(edge);
      keep(edge);
    }
  }
  return { groups: stronglyConnected(nodes, predecessorsOf(nodes, kept)), kept };
}

/** Nodes that precede each other around a circle, before anything is given up, have one number. */
export function circlesAmong<Node>(
  nodes: readonly Node[],
  edges: readonly Precedence<Node>[],
): ReadonlyMap<Node, number> {
  return circleNumbers(stronglyConnected(nodes, predecessorsOf(nodes, edges)));
}

interface Group<Node> {
  readonly nodes: readonly Node[];
}

function predecessorsOf<Node>(
  nodes: readonly Node[],
  edges: readonly Precedence<Node>[],
): Map<Node, Set<Node>> {
  const predecessors = new Map(nodes.map((node) => [node, new Set<Node>()]));
  for (const { before, after } of edges) predecessors.get(after)?.add(before);
  return predecessors;
}

function circleNumbers<Node>(groups: readonly Group<Node>[]): Map<Node, number> {
  return new Map(groups.flatMap((group, at) => group.nodes.map((node) => [node, at] as const)));
}

/**
 * Steps in the search for circles: far more than a release of a thousand modules takes, and a fraction of a second. Beyond them
 * the weaker precedences around circles are given up, so that planning ends whatever calls what.
 */
const maxLooking = 2_000_000;

function* reachedFrom<Node>(
  from: Node,
  successors: ReadonlyMap<Node, ReadonlySet<Node>>,
  isWanted: (node: Node) => boolean,
  looking: { left: number },
): Generator<Node> {
  const reached = new Set([from]);
  for (const node of reached) {
    yield node;
    for (const next of successors.get(node) ?? []) {
      if (looking.left-- <= 0) return;
      // No way leads out of a circle and back into it.
      if (isWanted(next)) reached.add(next);
    }
  }
}

/**
 * Which nodes need each other around a circle, so that not everything can be had, and the constraints that are left
 * when the weaker ones around circles and all wishes are given up.
 */
export function circlesOf(constraints: readonly Constraint[]): {
  readonly kept: readonly Constraint[];
  /** Nodes of one circle of what is kept have one number: no order serves them. */
  readonly groupOf: (node: PlanNode) => number | undefined;
  /** Nodes of one circle of everything have one number: some order serves them, but not in every respect. */
  readonly circleOf: (node: PlanNode) => number | undefined;
} {
  const wanted = constraints.filter(({ strength }) => strength !== 'wish');
  const nodes = [...new Set(wanted.flatMap(({ before, after }) => [before, after]))];
  const { groups, kept } = groupsOf(nodes, wanted);
  const numbers = circleNumbers(groups);
  const circles = circlesAmong(nodes, wanted);
  return { kept, groupOf: (node) => numbers.get(node), circleOf: (node) => circles.get(node) };
}

export interface Precedence<Node> {
  readonly before: Node;
  readonly after: Node;
  readonly strength: Strength;
}

/**
 * What nothing else decides should read like what people write. A child is stopped as late as its supervisor, which
 * forgets it then, lets it: one that starts again is missed meanwhile.
 */
function phase(node: PlanNode): number {
  if (node.kind !== 'module') return node.kind === 'stop-child' ? 2 : 3;
  if (node.step.left === undefined) return 0;
  return node.step.entered === undefined ? 4 : 1;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * Tarjan's algorithm over "must come before", which yields a component only after all that must precede it; since the
 * nodes are visited in the wanted order, that order is kept wherever the constraints leave it free. With a stack of its
 * own: chains are as long as an application has modules.
 */
function stronglyConnected<Node>(
  nodes: readonly Node[],
  before: ReadonlyMap<Node, ReadonlySet<Node>>,
): Group<Node>[] {
  const rank = new Map(nodes.map((node, index) => [node, index]));
  const byRank = (a: Node, b: Node): number => (rank.get(a) ?? 0) - (rank.get(b) ?? 0);
  const visits = new Map<Node, Visit<Node>>();
  const open: Node[] = [];
  const groups: Group<Node>[] = [];
  for (const start of nodes) {
    const path: Visit<Node>[] = [];
    const enter = (node: Node): void => {
      const others = [...(before.get(node) ?? [])].sort(byRank).values();
      const visit: Visit<Node> = { node, number: visits.size, low: visits.size, isOpen: true, others };
      visits.set(node, visit);
      open.push(node);
      path.push(visit);
    };
    if (!visits.has(start)) enter(start);
    for (let visit = path.at(-1); visit !== undefined; visit = path.at(-1)) {
      const other = visit.others.next();
      if (other.done !== true) {
        const seen = visits.get(other.value);
        if (seen === undefined) enter(other.value);
        else if (seen.isOpen) visit.low = Math.min(visit.low, seen.number);
        continue;
      }
      path.pop();
      const parent = path.at(-1);
      if (parent !== undefined) parent.low = Math.min(parent.low, visit.low);
      if (visit.low === visit.number) groups.push({ nodes: close(open, visit.node, visits).sort(byRank) });
    }
  }
  return groups;
}

interface Visit<Node> {
  readonly node: Node;
  readonly number: number;
  low: number;
  isOpen: boolean;
  /** What must come before it and has not been looked at. */
  readonly others: IterableIterator<Node>;
}

/** Takes the component off the stack, down to the node it was entered by. */
function close<Node>(open: Node[], first: Node, visits: ReadonlyMap<Node, Visit<Node>>): Node[] {
  const component: Node[] = [];
  for (let node = open.pop(); node !== undefined; node = node === first ? undefined : open.pop()) {
    const visit = visits.get(node);
    if (visit !== undefined) visit.isOpen = false;
    component.push(node);
  }
  return component;
}
