import type { ModuleFacts, ModuleIndex } from '../diff';
import { isUnknown, type CodeChange } from '../facts';

/** What runs a module: this decides how its code is replaced. */
export type ModuleRole =
  /** Nothing waits in it: its functions run and return. */
  | { readonly kind: 'functional' }
  /** A supervisor: its `init/1` is called again by the code change. */
  | { readonly kind: 'supervisor' }
  /** A process keeps a state for it. */
  | {
      readonly kind: 'process';
      readonly behaviour: string;
      /** The function that converts the state, `code_change/3`. */
      readonly codeChange: string;
      readonly conversion: Conversion;
    };

/**
 * What the code change of a process does: `missing` where the function is not exported, so that calling it would fail;
 * `unknown` where it is, and nobody can tell what it does.
 */
export type Conversion = CodeChange | 'missing' | 'unknown';

/** OTP's behaviours whose processes call back for a code change, and the function they call. */
const codeChangeOf: Readonly<Record<string, string>> = {
  gen_server: 'code_change/3',
  gen_statem: 'code_change/4',
  gen_fsm: 'code_change/4',
  gen_event: 'code_change/3',
  'Elixir.GenServer': 'code_change/3',
  'Elixir.GenStage': 'code_change/3',
};

const supervisors = new Set(['supervisor', 'Elixir.Supervisor', 'Elixir.DynamicSupervisor']);

export const specialProcess = 'special process';

/**
 * The role of a module in the release that runs the code change. That is the newer one in both directions: on the
 * way down a process converts its state with the newer code, before the older is loaded (`systools_rc`, dynamic
 * modules).
 *
 * @param surroundings the modules of that release, among them behaviours of the project's own
 */
export function moduleRole(module: ModuleFacts, surroundings?: ModuleIndex): ModuleRole {
  // Not called `exports`: in CommonJS that name is the module's own, and its exported constants are read from it.
  const { exports: functions, behaviours } = module;
  // A special process need not name a behaviour: sys calls this function of its, and only its. A supervisor of one's
  // own is one, too, whatever its parent takes it for: the code change of OTP's supervisor is not in it.
  if (functions.has('system_code_change/4') || functions.has('system_continue/3')) {
    return processOf(module, specialProcess, 'system_code_change/4');
  }
  if (behaviours.some((behaviour) => supervisors.has(behaviour))) return { kind: 'supervisor' };
  for (const behaviour of behaviours) {
    const codeChange = Object.hasOwn(codeChangeOf, behaviour) ? codeChangeOf[behaviour] : undefined;
    if (codeChange !== undefined) return processOf(module, behaviour, codeChange);
  }
  for (const behaviour of behaviours) {
    // The loop of a generic process of one's own, such as a gen_server that was extended: it hands on the code change.
    const generic = surroundings?.get(behaviour)?.facts;
    if (generic?.exports.has('system_code_change/4') !== true) continue;
    const codeChange = ['code_change/3', 'code_change/4'].find((name) => functions.has(name));
    if (codeChange !== undefined) return processOf(module, behaviour, codeChange);
  }
  const unnamed = behaviours.length === 0 ? behaviourByExports(functions) : undefined;
  if (unnamed !== undefined) return processOf(module, unnamed, codeChangeOf[unnamed] ?? 'code_change/3');
  const { supervisors: made } = functions.has('init/1') ? module.details() : { supervisors: [] };
  if (!isUnknown(made) && made.some(({ kind, function: name }) => kind !== 'inline' && name === 'init/1')) {
    return { kind: 'supervisor' };
  }
  return { kind: 'functional' };
}

/** The behaviour that a module has without naming it. */
function behaviourByExports(exports: ReadonlySet<string>): string | undefined {
  const all = (...names: readonly string[]): boolean => names.every((name) => exports.has(name));
  if (all('init/1', 'callback_mode/0')) return 'gen_statem';
  if (all('init/1', 'handle_call/3', 'handle_cast/2')) return 'gen_server';
  return all('init/1', 'handle_event/2', 'handle_call/2') ? 'gen_event' : undefined;
}

function processOf(module: ModuleFacts, behaviour: string, codeChange: string): ModuleRole {
  return { kind: 'process', behaviour, codeChange, conversion: conversionOf(module, codeChange) };
}

function conversionOf(module: ModuleFacts, codeChange: string): Conversion {
  if (!module.exports.has(codeChange)) return 'missing';
  const told = module.details().codeChange[codeChange];
  return told === undefined || isUnknown(told) ? 'unknown' : told;
}

/** Whether the code change does anything that leaving it out would lose. */
export function convertsState(conversion: Conversion): boolean {
  switch (conversion) {
    case 'converts':
    case 'effects':
    case 'unknown':
      return true;
    case 'default':
    case 'trivial':
    case 'missing':
      return false;
  }
}
