import { atomName } from '../erlang';
import { literalAtom } from './calls';
import {
  type Clause,
  type Expression,
  type ModuleCode,
  visitExpressions,
  visitFunction,
  visitOutsideFuns,
} from './code/expression';

export interface Loops {
  /** The functions that wait and call themselves, directly or by others, without naming the module. */
  readonly loops: ReadonlySet<string>;
  /** Those of a special process, which `sys` takes to new code by `system_continue/3`. */
  readonly moved: ReadonlySet<string>;
}

/**
 * The functions that receive messages in a circle of local calls that nothing ends but a message, and those that wait
 * for a socket or a while and then call themselves, whatever came. Calls in funs are
 * another process's, mostly.
 */
export function loopsOf(code: ModuleCode, exports: ReadonlySet<string>): Loops {
  const loops = new Set<string>();
  const moved = new Set<string>();
  const graph = new Map<string, ReadonlySet<string>>();
  const receiving: string[] = [];
  const blocking: string[] = [];
  const callsSys = new Set<string>();
  for (const [name, called] of code.functions) {
    const found = { receives: false, blocks: false };
    visitFunction(called, (expression) => {
      if (isReceive(expression)) found.receives = true;
      if (isBlockingCall(expression)) found.blocks = true;
      if (isSystemMessage(expression)) callsSys.add(name);
    });
    if (found.receives) receiving.push(name);
    else if (found.blocks) blocking.push(name);
  }
  // Most modules receive nothing by themselves.
  if (receiving.length + blocking.length === 0) return { loops, moved };
  for (const name of code.functions.keys()) graph.set(name, callsOf(code, name));
  const callers = reversed(graph);
  const circles = circlesIn(graph, callers);
  const reachesSys = exports.has('system_continue/3') ? reachable(callers, callsSys) : new Set<string>();
  for (const name of receiving) {
    const circle = circles.get(name);
    if (circle === undefined) continue;
    const isMoved = reachesSys.has(name);
    if (!isMoved && (!staysIn(code, name, circle) || comesToAnEnd(code, [...circle]))) continue;
    // Whichever function of the circle receives, that is where processes are found.
    (isMoved ? moved : loops).add(name);
  }
  for (const name of blocking) if (neverReturns(code, name)) loops.add(name);
  return { loops, moved };
}

/**
 * Whether a function of the circle counts down: it has a clause for `0` or `[]` that ends, before it receives anything.
 * `gather([P | Ps]) -> receive {P, X} -> [X | gather(Ps)] end` waits for so many messages, and is no server.
 */
function comesToAnEnd(code: ModuleCode, names: readonly string[]): boolean {
  const circle = new Set(names);
  const ends = ({ patterns, body }: Clause): boolean => {
    if (!patterns.some(isLastOne)) return false;
    const found = { receives: false };
    visitExpressions(body, (expression) => {
      if (isReceive(expression)) found.receives = true;
    });
    return !found.receives && ![...localCallsIn(code, [body])].some((name) => circle.has(name));
  };
  return names.some((name) =>
    (code.functions.get(name)?.clauses ?? []).some((clause) => {
      const last = clause.body.kind === 'block' ? clause.body.body.at(-1) : clause.body;
      return ends(clause) || (last?.kind === 'case' && !isReceive(last) && last.clauses.some(ends));
    }),
  );
}

function isLastOne(pattern: Expression): boolean {
  if (pattern.kind === 'list') return pattern.elements.length === 0 && pattern.tail === undefined;
  if (pattern.kind !== 'literal') return false;
  const { term } = pattern;
  if (term.kind === 'list') return term.elements.length === 0 && term.tail === undefined;
  return term.kind === 'integer' && Number(term.value) === 0;
}

/** Calls in which acceptors, readers and pollers spend their time. */
function isBlockingCall(expression: Expression): boolean {
  if (expression.kind !== 'remote-call') return false;
  const name = `${literalAtom(expression.module) ?? ''}:${literalAtom(expression.name) ?? ''}`;
  return /^((gen_tcp|ssl|gen_udp|socket):(accept|transport_accept|recv)|(timer|Elixir\.Process):sleep)$/.test(
    name,
  );
}

/** Whether the last thing that every clause of the function does is to call the function again. */
function neverReturns(code: ModuleCode, name: string): boolean {
  const isAgain = (expression: Expression): boolean => {
    switch (expression.kind) {
      case 'block': {
        const last = expression.body.at(-1);
        return last !== undefined && isAgain(last);
      }
      case 'case':
        return expression.clauses.length > 0 && expression.clauses.every(({ body }) => isAgain(body));
      case 'local-call':
        return `${expression.name}/${expression.args.length}` === name;
      default:
        return false;
    }
  };
  const clauses = code.functions.get(name)?.clauses ?? [];
  return clauses.length > 0 && clauses.every(({ body }) => isAgain(body));
}

/** Whether it waits for a message, and goes on with the circle when it came, or when none came. */
function staysIn(code: ModuleCode, name: string, circle: ReadonlySet<string>): boolean {
  const found = { stays: false };
  const called = code.functions.get(name);
  if (called === undefined) return false;
  visitFunction(called, (expression) => {
    if (!isReceive(expression)) return;
    const timeout = timeoutOf(expression);
    // `receive X -> flush() after 0 -> ok end` ends when the mailbox is empty.
    const isPoll =
      timeout?.kind === 'literal' && timeout.term.kind === 'integer' && Number(timeout.term.value) === 0;
    if (!isPoll) found.stays = true;
    const late = expression.kind === 'case' ? expression.clauses.at(-1) : undefined;
    if (isPoll && late !== undefined) {
      const local = localCallsIn(code, [late.body]);
      if ([...local].some((other) => circle.has(other))) found.stays = true;
    }
  });
  return found.stays;
}

/** Whether it is a `receive` without a timeout, or with `infinity`. */
export function waitsForever(expression: Expression): boolean {
  if (!isReceive(expression)) return false;
  const timeout = timeoutOf(expression);
  return timeout === undefined || (timeout.kind === 'literal' && atomName(timeout.term) === 'infinity');
}

function isReceive(expression: Expression): boolean {
  return (
    expression.kind === 'case' &&
    expression.subject?.kind === 'opaque' &&
    expression.subject.what === 'receive'
  );
}

function timeoutOf(expression: Expression): Expression | undefined {
  return expression.kind === 'case' && expression.subject?.kind === 'opaque'
    ? expression.subject.parts[0]
    : undefined;
}

function isSystemMessage(expression: Expression): boolean {
  return (
    expression.kind === 'remote-call' &&
    literalAtom(expression.module) === 'sys' &&
    literalAtom(expression.name) === 'handle_system_msg'
  );
}

function callsOf(code: ModuleCode, name: string): ReadonlySet<string> {
  return localCallsIn(code, code.functions.get(name)?.clauses.map(({ body }) => body) ?? []);
}

/** The functions that are called by their names alone, outside of funs. */
function localCallsIn(code: ModuleCode, bodies: readonly Expression[]): ReadonlySet<string> {
  const calls = new Set<string>();
  for (const body of bodies) {
    visitOutsideFuns(body, (expression) => {
      if (expression.kind !== 'local-call') return;
      const called = `${expression.name}/${expression.args.length}`;
      if (code.functions.has(called)) calls.add(called);
    });
  }
  return calls;
}

function reversed(graph: ReadonlyMap<string, ReadonlySet<string>>): ReadonlyMap<string, ReadonlySet<string>> {
  const callers = new Map<string, Set<string>>();
  for (const [caller, calls] of graph) {
    for (const called of calls) callers.set(called, (callers.get(called) ?? new Set()).add(caller));
  }
  return callers;
}

/**
 * The functions that call themselves, directly or by others, each with all of its circle. Kosaraju's algorithm: whoever
 * is finished last is the first of its circle to be gone back from. Generated modules have thousands of functions.
 */
function circlesIn(
  graph: ReadonlyMap<string, ReadonlySet<string>>,
  callers: ReadonlyMap<string, ReadonlySet<string>>,
): ReadonlyMap<string, ReadonlySet<string>> {
  const circles = new Map<string, ReadonlySet<string>>();
  const taken = new Set<string>();
  for (const first of finishedIn(graph).reverse()) {
    if (taken.has(first)) continue;
    const circle = new Set([first]);
    taken.add(first);
    for (const name of circle) {
      for (const caller of callers.get(name) ?? []) {
        if (taken.has(caller)) continue;
        taken.add(caller);
        circle.add(caller);
      }
    }
    if (circle.size === 1 && graph.get(first)?.has(first) !== true) continue;
    for (const name of circle) circles.set(name, circle);
  }
  return circles;
}

/** The functions in the order in which a walk has seen all that they call. */
function finishedIn(graph: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const finished: string[] = [];
  const seen = new Set<string>();
  for (const start of graph.keys()) {
    const path: { readonly name: string; readonly others: Iterator<string> }[] = [];
    const enter = (name: string): void => {
      if (seen.has(name)) return;
      seen.add(name);
      path.push({ name, others: (graph.get(name) ?? new Set<string>()).values() });
    };
    enter(start);
    for (let at = path.at(-1); at !== undefined; at = path.at(-1)) {
      const next = at.others.next();
      if (next.done !== true) enter(next.value);
      else {
        finished.push(at.name);
        path.pop();
      }
    }
  }
  return finished;
}

function reachable(
  graph: ReadonlyMap<string, ReadonlySet<string>>,
  from: Iterable<string>,
): ReadonlySet<string> {
  const reached = new Set(from);
  for (const name of reached) for (const next of graph.get(name) ?? []) reached.add(next);
  return reached;
}
