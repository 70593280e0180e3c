import type { ModuleFacts } from '../diff';

/** What runs a module, as far as its beam tells: this decides how its code is replaced. */
export type ModuleRole =
  /** Nothing waits in it: its functions run and return. */
  | { readonly kind: 'functional' }
  /** A supervisor: its `init/1` is called again by the code change. */
  | { readonly kind: 'supervisor' }
  /** A process keeps a state for it, and `codeChange` converts that state. */
  | { readonly kind: 'stateful'; readonly behaviour: string; readonly codeChange: string }
  /** A process keeps a state for it, and nothing converts that state. */
  | {
      readonly kind: 'stateful-without-code-change';
      readonly behaviour: string;
      readonly codeChange: string;
    };

/** OTP's behaviours whose processes call back for a code change, and the function they call. */
const codeChangeOf: Readonly<Record<string, string>> = {
  gen_server: 'code_change/3',
  gen_statem: 'code_change/4',
  gen_fsm: 'code_change/4',
  gen_event: 'code_change/3',
  'Elixir.GenServer': 'code_change/3',
};

const supervisors = new Set(['supervisor', 'Elixir.Supervisor', 'Elixir.DynamicSupervisor']);

/**
 * The role of a module in the release that runs the code change. That is the newer one in both directions: on the
 * way down a process converts its state with the newer code, before the older is loaded (`systools_rc`, dynamic
 * modules).
 */
export function moduleRole(module: ModuleFacts): ModuleRole {
  if (module.behaviours.some((behaviour) => supervisors.has(behaviour))) return { kind: 'supervisor' };
  // A special process need not name a behaviour: sys calls this function of its, and only its.
  if (module.exports.has('system_code_change/4')) {
    return { kind: 'stateful', behaviour: 'special process', codeChange: 'system_code_change/4' };
  }
  for (const behaviour of module.behaviours) {
    const codeChange = codeChangeOf[behaviour];
    if (codeChange === undefined) continue;
    const kind = module.exports.has(codeChange) ? 'stateful' : 'stateful-without-code-change';
    return { kind, behaviour, codeChange };
  }
  return { kind: 'functional' };
}
