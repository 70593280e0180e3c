/** A graph over `0 .. size - 1`; an edge leads from a vertex to one that it depends on. */
export type Graph = readonly (readonly number[])[];

/**
 * The weakly connected components of a graph, each as its members with dependents before what they depend on.
 * Members that depend on each other in a circle stand together, ascending. Where several may come next, it is the
 * one whose circle has the smallest member (`digraph_utils:topsort/1` takes the order of a hash table there).
 * Components are in the order of their smallest member.
 */
export function orderedComponents(graph: Graph): number[][] {
  const circleOf = stronglyConnected(graph);
  const members = new Map<number, number[]>();
  circleOf.forEach((circle, vertex) => {
    members.set(circle, [...(members.get(circle) ?? []), vertex]);
  });
  // A circle goes by its smallest member from here on: ascending vertices meet that one first.
  const smallest = circleOf.map((circle) => members.get(circle)?.[0] ?? 0);
  const dependencies = new Map<number, Set<number>>();
  const dependents = new Map<number, number>();
  graph.forEach((targets, vertex) => {
    const from = smallest[vertex] ?? vertex;
    const known = dependencies.get(from) ?? new Set();
    dependencies.set(from, known);
    for (const target of targets) {
      const to = smallest[target] ?? target;
      if (to === from || known.has(to)) continue;
      known.add(to);
      dependents.set(to, (dependents.get(to) ?? 0) + 1);
    }
  });
  const ordered = new Map<number, number[]>();
  const componentOf = weaklyConnected(graph);
  const ready = new SmallestFirst([...dependencies.keys()].filter((vertex) => !dependents.has(vertex)));
  for (let next = ready.take(); next !== undefined; next = ready.take()) {
    const component = componentOf[next] ?? next;
    const order = ordered.get(component) ?? [];
    ordered.set(component, order);
    for (const vertex of members.get(circleOf[next] ?? next) ?? []) order.push(vertex);
    for (const target of dependencies.get(next) ?? []) {
      const left = (dependents.get(target) ?? 0) - 1;
      dependents.set(target, left);
      if (left === 0) ready.add(target);
    }
  }
  return [...ordered].sort(([left], [right]) => left - right).map(([, order]) => order);
}

/** For each vertex the number of its strongly connected component (Tarjan's algorithm, without recursion). */
function stronglyConnected(graph: Graph): number[] {
  const unseen = -1;
  const index = graph.map(() => unseen);
  const low = graph.map(() => unseen);
  const component = graph.map(() => unseen);
  const path: number[] = [];
  let count = 0;
  let components = 0;
  for (const root of graph.keys()) {
    if (index[root] !== unseen) continue;
    const calls: { vertex: number; nextEdge: number }[] = [{ vertex: root, nextEdge: 0 }];
    for (let call = calls.at(-1); call !== undefined; call = calls.at(-1)) {
      const { vertex } = call;
      if (call.nextEdge === 0 && index[vertex] === unseen) {
        index[vertex] = low[vertex] = count++;
        path.push(vertex);
      }
      const target = graph[vertex]?.[call.nextEdge++];
      if (target !== undefined) {
        if (index[target] === unseen) calls.push({ vertex: target, nextEdge: 0 });
        else if (component[target] === unseen) low[vertex] = Math.min(low[vertex] ?? 0, index[target] ?? 0);
        continue;
      }
      calls.pop();
      const caller = calls.at(-1)?.vertex;
      if (caller !== undefined) low[caller] = Math.min(low[caller] ?? 0, low[vertex] ?? 0);
      if (low[vertex] !== index[vertex]) continue;
      for (let member = path.pop(); member !== undefined; member = path.pop()) {
        component[member] = components;
        if (member === vertex) break;
      }
      components++;
    }
  }
  return component;
}

/** For each vertex the smallest vertex that it is connected with, whichever way the edges lead. */
function weaklyConnected(graph: Graph): number[] {
  const parent = [...graph.keys()];
  const root = (vertex: number): number => {
    let at = vertex;
    for (let up = parent[at]; up !== undefined && up !== at; up = parent[at]) {
      parent[at] = parent[up] ?? up;
      at = up;
    }
    return at;
  };
  graph.forEach((targets, vertex) => {
    for (const target of targets) {
      const [one, other] = [root(vertex), root(target)];
      parent[Math.max(one, other)] = Math.min(one, other);
    }
  });
  return [...graph.keys()].map(root);
}

/** A queue that gives the smallest number first. */
class SmallestFirst {
  /** Descending. */
  private readonly numbers: number[];

  constructor(numbers: readonly number[]) {
    this.numbers = [...numbers].sort((left, right) => right - left);
  }

  take(): number | undefined {
    return this.numbers.pop();
  }

  add(number: number): void {
    let [low, high] = [0, this.numbers.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.numbers[middle] ?? 0) > number) low = middle + 1;
      else high = middle;
    }
    this.numbers.splice(low, 0, number);
  }
}
