import type { PlannedAppup } from '../appup';
import { moduleRole } from '../appup/module-role';
import type { ModuleIndex, ReleasePair } from '../diff/module-index';
import { isUnknown } from '../facts';
import type { Diagnostic, Severity } from './diagnostic';
import { changedModules, listed, restartsAll, sectionsOf, type ChangedModule } from './section';
import { stateChange, usedRecordsChanged } from './state-change';

/**
 * A custom behaviour keeps the state of its callback module inside its own: no instruction names that state, and
 * `code_change` of the behaviour's process reaches the callback module only where the behaviour hands it on. The
 * process crashes with the next callback, with everyone who is linked to it.
 */
export function callbackStateNotConverted(pair: ReleasePair, appups: readonly PlannedAppup[]): Diagnostic[] {
  const { next } = pair.modules;
  const hot = new Set(
    sectionsOf(pair, appups)
      .filter((section) => !restartsAll(section))
      .map(({ application }) => application),
  );
  return [...hot].flatMap((application) =>
    changedModules(application).flatMap((module): Diagnostic[] => {
      if (moduleRole(module.next, next).kind !== 'functional') return [];
      const owner = module.next.behaviours.find((behaviour) => keepsState(behaviour, next));
      if (owner === undefined || converts(module, owner, next)) return [];
      const change = changeOf(module, pair.modules);
      if (change === undefined) return [];
      return [
        {
          code: 'callback-state-not-converted',
          severity: change.severity,
          application: application.name,
          module: module.name,
          message: `${module.name} is a callback module of ${owner}, whose process keeps its state, and ${change.what}: no code change reaches a state inside the state of another module's process, which would go on with the old one and crash.`,
          fix: `Let ${module.name} take both shapes for one version, or let code_change of ${owner} convert it, or restart the processes of ${owner} in the appup.`,
        },
      ];
    }),
  );
}

/** Behaviours of OTP and Elixir whose callbacks run in processes that `moduleRole` knows, or keep nothing. */
const known =
  /^(application|gen_\w+|supervisor(_bridge)?|sys|logger_\w+|ssl_\w+|inet_\w+|erl_\w+|Elixir\.(Application|Access|Calendar|Collectable|Config\.Provider|DynamicSupervisor|Enumerable|Exception|GenEvent|GenServer|Mix\.\w+|Supervisor|Inspect.*|Protocol))$/;

/** Whether the behaviour runs a process of its own, as far as is known; it need not be the module that loops. */
function keepsState(behaviour: string, index: ModuleIndex): boolean {
  if (known.test(behaviour)) return false;
  const facts = index.get(behaviour)?.facts;
  if (facts === undefined) return false;
  const role = moduleRole(facts, index);
  if (role.kind !== 'functional') return true;
  const { starts, lingers } = facts.details();
  const startsItself =
    !isUnknown(starts) && starts.some(({ module, starter }) => module === behaviour && !/add_/.test(starter));
  const loops = !isUnknown(lingers) && lingers.some(({ kind }) => kind === 'loop' || kind === 'receive');
  return startsItself || loops;
}

/** A behaviour that demands a `code_change` of its callback modules is taken to call it. */
function converts({ next }: ChangedModule, owner: string, index: ModuleIndex): boolean {
  const demanded = index.get(owner)?.facts.details().callbacks;
  if (demanded === undefined || demanded === null || isUnknown(demanded)) return false;
  return demanded.some((name) => name.startsWith('code_change/') && next.exports.has(name));
}

function changeOf(
  { previous, next }: ChangedModule,
  modules: ReleasePair['modules'],
): { readonly severity: Severity; readonly what: string } | undefined {
  const change = stateChange({ previous, next }, modules);
  if (change === undefined) return undefined;
  if (!isUnknown(change)) {
    // Where the newer code still makes all of the older shapes, it can do with them.
    return {
      severity: change.onlyAdds ? 'warning' : 'error',
      what: `that state was ${change.before} and is ${change.after}`,
    };
  }
  const records = usedRecordsChanged(previous, next);
  if (isUnknown(records) || records.length === 0) return undefined;
  return { severity: 'warning', what: `the fields of ${listed(records)}, which it may be made of, changed` };
}
