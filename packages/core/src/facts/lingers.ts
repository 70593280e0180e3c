import { atomName } from '../erlang';
import { funVariables, literalAtom } from './calls';
import { type Expression, type FunctionCode, type ModuleCode, visitFunction } from './code/expression';
import { evaluateFunction } from './evaluate/evaluator';
import { partsOf, type Value } from './evaluate/value';
import { heldCalls } from './held-calls';
import { loopsOf, waitsForever } from './loops';
import type { Linger } from './model';

/**
 * Where processes may stay for long. A `receive` whose timeout is a variable counts as one that ends, and so does a call
 * with such a timeout.
 */
export function lingersOf(code: ModuleCode, exports: ReadonlySet<string>): readonly Linger[] {
  const { loops, moved } = loopsOf(code, exports);
  const lingers: Linger[] = [];
  for (const [name, called] of code.functions) {
    const add = (kind: Linger['kind']): void => void lingers.push({ kind, function: name });
    if (loops.has(name)) add('loop');
    const found = placesIn(code, called);
    // A special process is moved by `sys` where it waits.
    if (found.waits && !loops.has(name) && !moved.has(name)) add('receive');
    if (found.hasEndlessCall && heldCalls(called).some(isEndless)) add('call');
    if (found.handsFun) add('fun');
    const isInit = name === 'init/1';
    if (found.storesFun || (isInit && exports.has(name) && answersFun(code, called))) add('kept-fun');
    else if (!isInit && exports.has(name) && endsInFun(called)) add('answered-fun');
  }
  return lingers.sort((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1));
}

function keyOf({ kind, function: name }: Linger): string {
  return `${kind} ${name}`;
}

interface Places {
  waits: boolean;
  handsFun: boolean;
  storesFun: boolean;
  hasEndlessCall: boolean;
}

function placesIn(code: ModuleCode, called: FunctionCode): Readonly<Places> {
  const found: Places = { waits: false, handsFun: false, storesFun: false, hasEndlessCall: false };
  // Few functions hand anything over: the others need not be looked through for the funs that they name.
  let ownFuns: ReadonlySet<string> | undefined;
  visitFunction(called, (expression) => {
    if (waitsForever(expression)) found.waits = true;
    if (isEndless(expression)) found.hasEndlessCall = true;
    const call = calledBy(code, expression);
    if (call === undefined || !keepsArguments(call.module, call.name)) return;
    const named = (ownFuns ??= funVariables(called));
    if (!call.args.some((arg) => holdsFun(arg, named))) return;
    if (isStore(call.module, call.name)) found.storesFun = true;
    else found.handsFun = true;
  });
  return found;
}

interface RemoteCall {
  readonly module: string;
  readonly name: string;
  readonly args: readonly Expression[];
}

function calledBy(code: ModuleCode, expression: Expression): RemoteCall | undefined {
  if (expression.kind === 'local-call') {
    const { name, args } = expression;
    return code.functions.has(`${name}/${args.length}`) ? undefined : { module: 'erlang', name, args };
  }
  if (expression.kind !== 'remote-call') return undefined;
  const module = literalAtom(expression.module);
  const name = literalAtom(expression.name);
  return module === undefined || name === undefined ? undefined : { module, name, args: expression.args };
}

/** Whether it is, or holds, a fun whose code is in the module. */
function holdsFun(value: Expression, ownFuns: ReadonlySet<string>): boolean {
  const holds = (part: Expression | undefined): boolean => part !== undefined && holdsFun(part, ownFuns);
  switch (value.kind) {
    case 'fun':
      return true;
    case 'fun-reference':
      return value.module === undefined;
    case 'variable':
      return ownFuns.has(value.name);
    case 'tuple':
      return value.elements.some(holds);
    case 'list':
      return value.elements.some(holds) || holds(value.tail);
    case 'map':
      return holds(value.base) || value.entries.some(([, entry]) => holds(entry));
    case 'record-update':
      return holds(value.base) || [...value.fields.values()].some(holds);
    case 'match':
      return holds(value.value);
    default:
      return false;
  }
}

/** Whether a fun of the module is in what `init/1` answers: a state, or the children of a supervisor. */
function answersFun(code: ModuleCode, { name, arity }: FunctionCode): boolean {
  const holds = (value: Value): boolean =>
    value.kind === 'function' ? value.isOwn : partsOf(value).some(holds);
  return holds(evaluateFunction(code, name, arity));
}

/** Whether the last thing that some clause does is to make a fun. */
function endsInFun({ clauses }: FunctionCode): boolean {
  return clauses.some(({ body }) => {
    const last = body.kind === 'block' ? body.body.at(-1) : body;
    return last?.kind === 'fun' || (last?.kind === 'fun-reference' && last.module === undefined);
  });
}

/** Whether what is handed to the function stays there, and nobody calls it on the spot. */
function isStore(module: string, name: string): boolean {
  return (
    stores.has(module) || `${module}:${name}` === 'erlang:put' || name === 'put_env' || name === 'set_env'
  );
}

const stores: ReadonlySet<string> = new Set(['ets', 'persistent_term', 'telemetry', 'Elixir.Registry']);

/** Functions that hand their arguments to another process, or keep them. */
function keepsArguments(module: string, name: string): boolean {
  return keepers.get(module)?.has(name) ?? false;
}

const starts = ['start', 'start_link', 'start_monitor'];
const spawns = ['spawn', 'spawn_link', 'spawn_monitor', 'spawn_opt', 'spawn_request'];
const tasks = [
  'start',
  'start_link',
  'start_child',
  'async',
  'async_nolink',
  'async_stream',
  'async_stream_nolink',
];
const keepers: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries({
    erlang: [...spawns, '!', 'send', 'send_after', 'send_nosuspend', 'start_timer', 'put'],
    proc_lib: [...spawns, ...starts],
    gen_server: [...starts, 'call', 'cast', 'reply', 'send_request', 'abcast', 'multi_call'],
    gen_statem: [...starts, 'call', 'cast', 'reply', 'send_request'],
    gen_event: ['notify', 'sync_notify', 'call', 'add_handler', 'add_sup_handler', 'swap_handler'],
    supervisor: ['start_link', 'start_child'],
    ets: ['insert', 'insert_new', 'update_element'],
    persistent_term: ['put'],
    application: ['set_env'],
    timer: ['apply_after', 'apply_interval', 'apply_repeatedly', 'send_after', 'send_interval'],
    rpc: ['call', 'cast', 'async_call', 'multicall', 'block_call'],
    erpc: ['call', 'cast', 'multicall', 'multicast', 'send_request'],
    telemetry: ['attach', 'attach_many'],
    'Elixir.Task': tasks,
    'Elixir.Task.Supervisor': tasks,
    'Elixir.Agent': [...starts, 'get', 'update', 'get_and_update', 'cast'],
    'Elixir.GenServer': [...starts, 'call', 'cast', 'reply', 'abcast', 'multi_call'],
    'Elixir.Supervisor': ['start_link', 'start_child'],
    'Elixir.DynamicSupervisor': ['start_child'],
    'Elixir.Process': ['send', 'send_after', 'put'],
    'Elixir.Application': ['put_env'],
    'Elixir.Registry': ['register'],
  }).map(([module, names]) => [module, new Set(names)]),
);

/** Whether the call waits until it is answered, however long that takes; `infinity` tells it of a module that is not known. */
function isEndless(call: Expression): boolean {
  if (call.kind !== 'remote-call') return false;
  // `Transport:accept(Socket, infinity)`: whoever is called, it is asked to wait.
  if (literalAtom(call.module) === undefined) return call.args.some(isInfinity);
  const name = `${literalAtom(call.module) ?? ''}:${literalAtom(call.name) ?? ''}/${call.args.length}`;
  if (endless.has(name)) return true;
  const place = timeouts.get(name);
  return place !== undefined && isInfinity(call.args[place]);
}

function isInfinity(timeout: Expression | undefined): boolean {
  // gen_statem:call/3 also takes {clean_timeout, infinity}.
  const last = timeout?.kind === 'tuple' ? timeout.elements.at(-1) : timeout;
  return last?.kind === 'literal' && atomName(last.term) === 'infinity';
}

const endless: ReadonlySet<string> = new Set([
  ...['gen_statem:call/2', 'rpc:call/4', 'rpc:block_call/4', 'rpc:multicall/3', 'erpc:call/2', 'erpc:call/4'],
  ...[
    'gen_tcp:accept/1',
    'gen_tcp:recv/2',
    'ssl:recv/2',
    'ssl:transport_accept/1',
    'gen_server:wait_response/1',
  ],
  ...['rpc:yield/1', 'erpc:receive_response/1'],
]);

/** The place of the timeout. */
const timeouts: ReadonlyMap<string, number> = new Map([
  ...['gen_server:call/3', 'gen_statem:call/3', 'Elixir.GenServer:call/3'].map((name) => [name, 2] as const),
  ...['gen:call/4', 'gen_event:call/4', 'gen_server:multi_call/4'].map((name) => [name, 3] as const),
  ...['Elixir.Task:await/2', 'Elixir.Task:await_many/2', 'Elixir.Task:yield/2'].map(
    (name) => [name, 1] as const,
  ),
  ...['Elixir.Agent:get/3', 'Elixir.Agent:update/3', 'Elixir.Agent:get_and_update/3'].map(
    (name) => [name, 2] as const,
  ),
  ...['rpc:call/5', 'erpc:call/5'].map((name) => [name, 4] as const),
  ...['gen_tcp:recv/3', 'ssl:recv/3'].map((name) => [name, 2] as const),
  ...['gen_tcp:accept/2', 'ssl:transport_accept/2'].map((name) => [name, 1] as const),
  ['timer:sleep/1', 0],
  ['Elixir.Process:sleep/1', 0],
]);
