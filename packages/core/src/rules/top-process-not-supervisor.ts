import type { PlannedAppup } from '../appup';
import type { ModuleIndex, ReleasePair } from '../diff/module-index';
import { moduleRole } from '../appup/module-role';
import type { Application } from '../release';
import { isUnknown } from '../facts';
import type { Diagnostic } from './diagnostic';
import { splitFunction } from './process-tree';
import { looksProcessesUp, sectionsOf } from './section';

/**
 * Before it suspends anything, release_handler asks the top process of every application for its children
 * (`release_handler_1:get_supervised_procs/0`), changed or not. One that is no supervisor answers something else or
 * nothing, and that ends the installation: the node restarts.
 */
export function topProcessNotSupervisor(pair: ReleasePair, appups: readonly PlannedAppup[]): Diagnostic[] {
  const { previous, next } = pair.difference;
  const suspending = sectionsOf(pair, appups).find(({ instructions }) => instructions.some(looksProcessesUp));
  const found = new Map<string, Diagnostic>();
  for (const [{ applications, version }, index] of [
    [next, pair.modules.next],
    [previous, pair.modules.previous],
  ] as const) {
    for (const application of applications) {
      const top = topModule(application, index);
      if (top === undefined || !isNoSupervisor(top.module, top.called, index)) continue;
      const effect =
        suspending === undefined
          ? 'nothing in this upgrade makes release_handler ask it for its children; an upgrade that suspends any process, of whatever application, would restart the node'
          : `release_handler asks the top process of every application for its children before it suspends any (${suspending.application.name}, ${suspending.place}), and gets none from this one: the node would restart in the middle of the upgrade`;
      found.set(application.name, {
        code: 'top-process-not-supervisor',
        severity: suspending === undefined ? 'warning' : 'error',
        application: application.name,
        module: top.module,
        message: `start/2 of ${application.name} in ${version} answers the process that ${top.module}:${top.called} starts, which is no supervisor, and ${effect}.`,
        fix: `Let start/2 of ${application.name} start a supervisor with that process as its child; a node that runs ${previous.version} needs an ordinary restart, or an appup that only loads modules.`,
      });
    }
  }
  return [...found.values()];
}

function topModule(
  { resource }: Application,
  index: ModuleIndex,
): { readonly module: string; readonly called: string } | undefined {
  const result = resource.mod && index.get(resource.mod.module)?.facts.details().startResult;
  return typeof result === 'string' ? splitFunction(result) : undefined;
}

/** Starters of processes that answer no supervisor's questions; a special process may, as ranch's do. */
const otherStarters =
  /^(gen_server|gen_statem|gen_fsm|gen_event|Elixir\.(GenServer|Agent|Task)|erlang):(start|spawn)/;

function isNoSupervisor(module: string, called: string, index: ModuleIndex): boolean {
  if (otherStarters.test(`${module}:${called}`)) return true;
  const facts = index.get(module)?.facts;
  if (facts === undefined || moduleRole(facts).kind === 'supervisor') return false;
  const { starts, supervisors } = facts.details();
  if (isUnknown(starts) || isUnknown(supervisors)) return false;
  if (supervisors.some((supervisor) => supervisor.function === called)) return false;
  const own = starts.filter((start) => start.function === called);
  return own.length > 0 && own.every(({ starter }) => otherStarters.test(starter));
}
