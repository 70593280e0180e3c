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
export function orderNodes(nodes: readonly PlanNode[], constraints: readonly Constraint[]): NodeGroup[] {
  const sorted = [...nodes].sort((a, b) => phase(a) - phase(b) || compare(nameOfNode(a), nameOfNode(b)));
  return groupsOf(sorted, constraints).groups;
}

/**
 * The groups of what precedes each other around a circle, in an order that keeps that of `nodes` where it can, and the
 * precedences that were not given up for it.
 */
export function groupsOf<Node, Edge extends Precedence<Node>>(
  nodes: readonly Node[],
  edges: readonly Edge[],
): { readonly groups: { readonly nodes: readonly Node[] }[]; readonly kept: readonly Edge[] } {
  const present = new Set(nodes);
  let kept = edges.filter(({ before, after }) => present.has(before) && present.has(after));
  for (const weak of ['wish', 'should', undefined] as const) {
    const before = new Map(nodes.map((node) => [node, new Set<Node>()]));
    for (const edge of kept) before.get(edge.after)?.add(edge.before);
    const groups = stronglyConnected(nodes, before);
    const groupOf = new Map(groups.flatMap((group, at) => group.nodes.map((node) => [node, at] as const)));
    const strong = kept.filter(
      ({ before, after, strength }) => strength !== weak || groupOf.get(before) !== groupOf.get(after),
    );
    if (weak === undefined) return { groups, kept };
    kept = strong;
  }
  return { groups: [], kept };
}

/**
 * Which nodes need each other around a circle, so that no order serves them, and the constraints that are left when
 * the weaker ones around circles and all wishes are given up.
 */
export function circlesOf(constraints: readonly Constraint[]): {
  readonly kept: readonly Constraint[];
  /** Nodes of one circle have one number. */
  readonly circleOf: (node: PlanNode) => number | undefined;
} {
  const wanted = constraints.filter(({ strength }) => strength !== 'wish');
  const nodes = [...new Set(wanted.flatMap(({ before, after }) => [before, after]))];
  const { groups, kept } = groupsOf(nodes, wanted);
  const circles = new Map(groups.flatMap(({ nodes }, at) => nodes.map((node) => [node, at] as const)));
  return { kept, circleOf: (node) => circles.get(node) };
}

export interface Precedence<Node> {
  readonly before: Node;
  readonly after: Node;
  readonly strength: Strength;
}

/** What nothing else decides should read like what people write. */
function phase(node: PlanNode): number {
  if (node.kind !== 'module') return node.kind === 'stop-child' ? 1 : 3;
  if (node.step.left === undefined) return 0;
  return node.step.entered === undefined ? 4 : 2;
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
): { readonly nodes: readonly Node[] }[] {
  const rank = new Map(nodes.map((node, index) => [node, index]));
  const byRank = (a: Node, b: Node): number => (rank.get(a) ?? 0) - (rank.get(b) ?? 0);
  const visits = new Map<Node, Visit<Node>>();
  const open: Node[] = [];
  const groups: { readonly nodes: readonly Node[] }[] = [];
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
