import { atomName } from '../erlang';
import { type Expression, type FunctionCode, type ModuleCode, visitFunction } from './code/expression';
import { knownFunction } from './evaluate/known-functions';

/**
 * The calls that a function makes, itself or by functions of its module, and that are not known only to compute:
 * `ets:new/2`, `_:start/1` for a module and `_/1` for a fun that is only known at run time, `receive`. Sorted.
 */
export function sideEffectsOf(code: ModuleCode, name: string, arity: number): string[] {
  const effects = new Set<string>();
  // A set is walked in the order of insertion, what is added on the way included.
  const reachable = new Set([`${name}/${arity}`]);
  for (const function_ of reachable) {
    const called = code.functions.get(function_);
    if (called === undefined) continue;
    const ownFuns = funVariables(called);
    visitFunction(called, (expression) => {
      const effect = effectOf(code, expression, ownFuns);
      if (effect !== undefined) effects.add(effect);
      const local = localFunction(code, expression);
      if (local !== undefined) reachable.add(local);
    });
  }
  if (code.isTruncated) effects.add('deeply nested code');
  return [...effects].sort();
}

/** Whether the module calls a function of a module that is only known at run time. */
export function hasDynamicCalls(code: ModuleCode): boolean {
  for (const called of code.functions.values()) {
    const dynamic: Expression[] = [];
    visitFunction(called, (expression) => {
      if (isDynamicCall(code, expression)) dynamic.push(expression);
    });
    if (dynamic.length > 0) return true;
  }
  return false;
}

function isDynamicCall(code: ModuleCode, expression: Expression): boolean {
  if (expression.kind === 'fun-reference') {
    return expression.module !== undefined && literalAtom(expression.module) === undefined;
  }
  const call = calledFunction(code, expression);
  if (call === undefined) return false;
  if (call.module === undefined) return true;
  if (call.module !== 'erlang' && call.module !== 'Elixir.Kernel') return false;
  return call.name === 'apply' && call.args.length === 3 && literalAtom(call.args[0]) === undefined;
}

/** The function of the module itself that an expression calls or refers to, `name/arity`. */
export function localFunction(code: ModuleCode, expression: Expression): string | undefined {
  if (expression.kind === 'local-call') return `${expression.name}/${expression.args.length}`;
  if (expression.kind === 'fun-reference' && expression.module === undefined) {
    return `${literalAtom(expression.name) ?? ''}/${expression.arity ?? 0}`;
  }
  if (expression.kind !== 'remote-call' || literalAtom(expression.module) !== code.module) return undefined;
  return `${literalAtom(expression.name) ?? ''}/${expression.args.length}`;
}

interface CalledFunction {
  /** Undefined when it is only known at run time. */
  readonly module: string | undefined;
  readonly name: string;
  readonly arity: number;
}

interface Call extends CalledFunction {
  readonly args: readonly Expression[];
}

/** The function of another module, built-in ones included, that an expression calls. */
function calledFunction(code: ModuleCode, expression: Expression): Call | undefined {
  if (expression.kind === 'local-call') {
    const { name, args } = expression;
    return code.functions.has(`${name}/${args.length}`)
      ? undefined
      : { module: 'erlang', name, arity: args.length, args };
  }
  if (expression.kind !== 'remote-call') return undefined;
  const module = literalAtom(expression.module);
  const name = literalAtom(expression.name) ?? '_';
  if (module === code.module && code.functions.has(`${name}/${expression.args.length}`)) return undefined;
  return { module, name, arity: expression.args.length, args: expression.args };
}

function effectOf(
  code: ModuleCode,
  expression: Expression,
  ownFuns: ReadonlySet<string>,
): string | undefined {
  if (expression.kind === 'opaque') return expression.what === 'receive' ? 'receive' : undefined;
  if (expression.kind === 'fun-call') {
    const { fun, args } = expression;
    const isOwn = fun.kind === 'fun' || (fun.kind === 'variable' && ownFuns.has(fun.name));
    return isOwn ? undefined : `_/${args.length}`;
  }
  const call = calledFunction(code, expression) ?? referredFunction(code, expression);
  if (call === undefined) return undefined;
  const { module, name, arity } = call;
  if (module === undefined) return name === 'child_spec' ? undefined : `_:${name}/${arity}`;
  return isPure(module, name, arity) ? undefined : `${module}:${name}/${arity}`;
}

/** `fun Module:Name/Arity`: whoever is given it may call it. */
function referredFunction(code: ModuleCode, expression: Expression): CalledFunction | undefined {
  if (expression.kind !== 'fun-reference' || expression.module === undefined) return undefined;
  const module = literalAtom(expression.module);
  const name = literalAtom(expression.name) ?? '_';
  const arity = expression.arity ?? 0;
  return module === code.module && code.functions.has(`${name}/${arity}`)
    ? undefined
    : { module, name, arity };
}

/** Variables that stand for a fun of the function itself, whose body is looked at anyway. */
export function funVariables(called: FunctionCode): ReadonlySet<string> {
  const names = new Set<string>();
  visitFunction(called, (expression) => {
    if (expression.kind !== 'match' || expression.pattern.kind !== 'variable') return;
    if (expression.value.kind === 'fun' || expression.value.kind === 'fun-reference')
      names.add(expression.pattern.name);
  });
  return names;
}

/** Whether a function of OTP or Elixir is known to do nothing but compute, or to look without changing anything. */
export function isPure(module: string, name: string, arity: number): boolean {
  if (pureModules.has(module) || name === 'child_spec' || name === '__struct__') return true;
  if (knownFunction(module, name, arity) !== undefined) return true;
  if (module === 'erlang') return !impureBuiltIns.has(name);
  return pureFunctions.has(`${module}:${name}`);
}

/** Modules all of whose functions only compute. */
const pureModules: ReadonlySet<string> = new Set(
  [
    ...['lists', 'maps', 'proplists', 'string', 'binary', 'dict', 'orddict', 'ordsets', 'sets', 'gb_trees'],
    ...['gb_sets', 'queue', 'array', 'math', 'unicode', 'filename', 'io_lib'],
    ...[
      'Enum',
      'Map',
      'Keyword',
      'List',
      'MapSet',
      'String',
      'Integer',
      'Float',
      'Tuple',
      'Access',
      'Range',
      'Path',
    ],
    ...[
      'Regex',
      'Version',
      'URI',
      'Date',
      'Bitwise',
      'Module',
      'Macro',
      'Atom',
      'String.Chars',
      'List.Chars',
    ],
  ].map((name) => (/^[A-Z]/.test(name) ? `Elixir.${name}` : name)),
);

/** What reads without changing anything counts as pure: reading the environment twice does no harm. */
const pureFunctions: ReadonlySet<string> = new Set([
  ...['get_env', 'get_all_env', 'get_key', 'get_application'].map((name) => `application:${name}`),
  ...['get_env', 'fetch_env', 'fetch_env!', 'get_all_env', 'compile_env'].map(
    (name) => `Elixir.Application:${name}`,
  ),
  ...[
    'os:getenv',
    'os:type',
    'os:timestamp',
    'code:priv_dir',
    'code:lib_dir',
    'inet:ntoa',
    'inet:parse_address',
  ],
  ...['Elixir.System:get_env', 'Elixir.System:fetch_env!', 'Elixir.System:schedulers_online'],
  ...['Elixir.Kernel:inspect', 'Elixir.Process:whereis'],
]);

/** The functions of `erlang` that change something outside of the calling function, or start it. */
const impureBuiltIns: ReadonlySet<string> = new Set([
  ...['!', 'send', 'send_after', 'send_nosuspend', 'start_timer', 'cancel_timer', 'spawn', 'spawn_link'],
  ...['spawn_monitor', 'spawn_opt', 'spawn_request', 'register', 'unregister', 'link', 'unlink', 'monitor'],
  ...[
    'demonitor',
    'monitor_node',
    'process_flag',
    'put',
    'erase',
    'exit',
    'halt',
    'open_port',
    'port_command',
  ],
  ...[
    'port_control',
    'port_connect',
    'port_close',
    'load_nif',
    'load_module',
    'delete_module',
    'purge_module',
  ],
  ...['system_flag', 'trace', 'trace_pattern', 'set_cookie', 'apply', 'disconnect_node', 'group_leader'],
  ...['suspend_process', 'resume_process', 'garbage_collect', 'display', 'statistics', 'alias', 'unalias'],
  ...['system_monitor', 'system_profile', 'hibernate', 'bump_reductions', 'yield'],
]);

export function literalAtom(expression: Expression | undefined): string | undefined {
  return expression?.kind === 'literal' ? atomName(expression.term) : undefined;
}
