/** What could not be found out, and why: never to be taken for "unchanged", nor for "none". */
export interface Unknown {
  readonly unknown: string;
}

export function unknown(reason: string): Unknown {
  return { unknown: reason };
}

export function isUnknown(fact: unknown): fact is Unknown {
  return typeof fact === 'object' && fact !== null && 'unknown' in fact;
}

/** An Erlang term as text on one line, as `file:consult/1` reads it: `dummy_server`, `{pool, 1}`, `5000`. */
export type TermText = string;

/**
 * What planning an upgrade needs of one module and stripping its beam destroys. Plain JSON: modules and functions by
 * their Erlang names (`Elixir.Enum`), other terms as text. Values of states are never kept, as they may be
 * secrets; start arguments only where they are literals of the code, which the beam shows to everybody anyway.
 */
export interface KeptFacts {
  /** As written in the source: `gen_server`, or `Elixir.GenServer`. */
  readonly behaviours: readonly string[] | Unknown;
  /** Records, those of headers too: name to fields in their order. Elixir's `defrecord` leaves none behind. */
  readonly records: Readonly<Record<string, readonly string[]>> | Unknown;
  /** The fields of the struct that the module defines, sorted; `null` when it defines none. */
  readonly struct: readonly string[] | null | Unknown;
  /** The exported functions that convert a state, such as `code_change/3`, and what each does. */
  readonly codeChange: Readonly<Record<string, CodeChange | Unknown>>;
  /** What a process of this module may keep as its state, one for each result of `init/1`; empty without `init/1`. */
  readonly states: readonly (StateShape | Unknown)[] | Unknown;
  /** The supervisors that this module makes: by its `init/1`, and by handing children to Elixir's `Supervisor`. */
  readonly supervisors: readonly SupervisorFacts[] | Unknown;
  /** What Elixir's `child_spec/1` of this module answers; `null` when it exports none. */
  readonly childSpec: ChildFacts | null | Unknown;
  /** Whether it calls functions of a module that is only known at run time (`Mod:f()`, `apply/3`). */
  readonly dynamicCalls: boolean | Unknown;
  /** The processes it starts by a callback module, sorted. */
  readonly starts: readonly ProcessStart[] | Unknown;
  /** What it demands of modules that name it as their behaviour, `name/arity`, sorted; `null` when it is no behaviour. */
  readonly callbacks: readonly string[] | null | Unknown;
  /** What `callback_mode/0` answers: gen_statem asks only when it starts and after a code change; `null` without it. */
  readonly callbackMode: TermText | null | Unknown;
  /**
   * Functions of other modules that it may call without an entry in its import table: `apply(m, f, [X])`, `Mod:f(X)`
   * where the module could be found out, `fun m:f/1`, and a module, function and arguments handed to something that
   * calls it (`spawn`, `timer`, a child specification). `module:function/arity`, sorted. Every `{m, f, [X]}` counts, also
   * one that nobody calls; a call whose number of arguments is computed is left out.
   */
  readonly otherCalls: readonly string[] | Unknown;
  /** Functions of other modules that its code change calls, itself or by functions of its own; as `otherCalls`. */
  readonly codeChangeCalls: readonly string[] | Unknown;
  /** Where processes may stay in its code for long, so that a brutal purge kills them. Sorted. */
  readonly lingers: readonly Linger[] | Unknown;
  /** Records, and structs of any module, that its functions make or match; sorted. Headers define more than are used. */
  readonly usedRecords: readonly string[] | Unknown;
  /**
   * The function whose result `start/2` of an application's callback module answers, `dummy_sup:start_link/0`; `null`
   * when there is no `start/2`.
   */
  readonly startResult: string | null | Unknown;
  /**
   * Exported functions called `start...` that answer what a function of another module answers, as `start_link/0` to
   * `loop:start_link/0`: who is started by the one runs what the other starts.
   */
  readonly handsOn: Readonly<Record<string, string>> | Unknown;
}

/**
 * A place where a process may stay:
 *
 * - `loop`: a function that receives messages, or waits for a socket or a while, and calls itself without naming its
 *   module: it never reaches new code;
 * - `receive`: a `receive` that waits without limit, in a function that is no such loop;
 * - `call`: a call that waits for an answer without limit and is not the last thing the function does, such as
 *   `gen_server:call(Server, Request, infinity)`;
 * - `fun`: a fun of the module that a process is started with, or that is handed to another process;
 * - `kept-fun`: a fun of the module that stays where it is put: in the state that `init/1` answers, in a table, in a
 *   `persistent_term`. Nobody is in it, and it is `badfun` once the old code is purged;
 * - `answered-fun`: an exported function answers a fun of the module, which the caller may keep.
 *
 * A timeout that is no literal counts as one that ends.
 */
export interface Linger {
  readonly kind: 'loop' | 'receive' | 'call' | 'fun' | 'kept-fun' | 'answered-fun';
  /** `name/arity` of the function of this module. */
  readonly function: string;
}

/**
 * - `default`: the one that `use GenServer` or another macro wrote, which keeps the state as it is;
 * - `trivial`: keeps the state as it is, and calls nothing that has effects;
 * - `effects`: keeps the state as it is, and calls other functions;
 * - `converts`: may answer another state.
 */
export type CodeChange = 'default' | 'trivial' | 'effects' | 'converts';

export type StateShape =
  | { readonly record: string }
  | { readonly struct: string }
  /** The tag is the first element where that is an atom. */
  | { readonly tuple: number; readonly tag?: string }
  /** Keys as text, sorted; `open` when it may have others. */
  | { readonly map: readonly TermText[]; readonly open: boolean }
  | { readonly type: 'atom' | 'number' | 'list' | 'binary' | 'fun' };

export interface SupervisorFacts {
  /**
   * - `callback`: its `init/1` is called again by a code change;
   * - `inline`: `Supervisor.start_link(children, options)`, of which a code change re-reads nothing;
   * - `dynamic`: a `DynamicSupervisor`, whose children are started one by one.
   */
  readonly kind: 'callback' | 'inline' | 'dynamic';
  /** The function in which it is made: `init/1`, or the one that calls `start_link`. */
  readonly function: string;
  /** What `supervisor:restart_child/2` is called with: the registered name, `{global, Name}`...; `null` for none. */
  readonly name: TermText | null | Unknown;
  readonly strategy: TermText | Unknown;
  /** `Intensity, Period` of a `callback` supervisor, with the defaults filled in; older facts do not have it. */
  readonly flags?: string | Unknown;
  readonly children: readonly (ChildFacts | ChildReference | Unknown)[] | Unknown;
  /**
   * What its `init/1` is started with, and what the clauses of that take: `[_,_]` for a list of two, `{_}`, `#{}`, an atom
   * or number as it is, `_` for anything. A code change calls the new `init/1` with what the supervisor was started with.
   * Absent where children are handed to `start_link` in its place, and in beams without debug info.
   */
  readonly argument?: { readonly given: TermText | Unknown; readonly taken: readonly TermText[] };
  /** Calls in its `init/1` that are not known only to compute, as `ets:new/2`, sorted: a code change makes them again. */
  readonly sideEffects: readonly string[] | Unknown;
}

/** One child specification, with the supervisor's defaults filled in. */
export interface ChildFacts {
  readonly id: TermText | Unknown;
  readonly startModule: string | Unknown;
  readonly function: string | Unknown;
  readonly arity: number | Unknown;
  readonly restart: TermText | Unknown;
  readonly shutdown: TermText | Unknown;
  readonly type: TermText | Unknown;
  readonly modules: readonly string[] | 'dynamic' | Unknown;
  /** The arguments of the start function as a list, `[]` or `[#{port => 1}]`, where all of them are literals. */
  readonly args: TermText | Unknown;
  /** Of what `child_spec/1` answers: its argument is the one argument of the start function, as `use GenServer` has it. */
  readonly handsOnArgument?: true;
}

/** A child that Elixir's `Module.child_spec/1` describes; `overrides` replace what it answers. */
export interface ChildReference {
  readonly childSpecOf: string;
  /** What `child_spec/1` is called with. */
  readonly arg: TermText | Unknown;
  readonly overrides?: Partial<ChildFacts>;
}

export interface ProcessStart {
  /** Such as `gen_server:start_link/4`. */
  readonly starter: string;
  readonly module: string | Unknown;
  /** The function of this module in which it is started, `start_link/0`. */
  readonly function: string;
}
