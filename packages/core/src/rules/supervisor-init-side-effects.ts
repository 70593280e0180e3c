import type { PlannedAppup } from '../appup';
import { failingAgain } from '../appup/init-side-effects';
import { moduleRole } from '../appup/module-role';
import type { ModuleFacts } from '../diff';
import { splitCall } from '../appup/module-calls';
import type { ModuleIndex, ReleasePair } from '../diff/module-index';
import { isPure, isUnknown, type SupervisorFacts } from '../facts';
import type { Diagnostic } from './diagnostic';
import {
  changedModules,
  listed,
  quoted,
  replacementOf,
  restartsAll,
  type Section,
  sectionsOf,
} from './section';

/** What only looks or writes a log does no harm. */
const harmless =
  /^((logger|io|error_logger|lager|Elixir\.Logger|Elixir\.IO):.*|ets:(info|lookup|member|whereis)\/\d|erlang:(whereis|statistics)\/\d|inet:.*)$/;

/**
 * The code change of a supervisor calls its `init/1` again (`supervisor:code_change/3`), in the supervisor, with all
 * it does beside answering specifications. Where that fails, release_handler restarts the node.
 */
export function supervisorInitSideEffects(pair: ReleasePair, appups: readonly PlannedAppup[]): Diagnostic[] {
  const sections = sectionsOf(pair, appups);
  return [...calledAgain(pair, sections), ...keptAsTheyAre(sections)];
}

function calledAgain(pair: ReleasePair, sections: readonly Section[]): Diagnostic[] {
  const seen = new Set<string>();
  return sections.flatMap((section) =>
    section.instructions.flatMap((instruction): Diagnostic[] => {
      if (instruction.kind !== 'update' || instruction.change.kind !== 'advanced') return [];
      const { module } = instruction;
      const running =
        section.direction === 'down' && instruction.moduleType === 'static'
          ? pair.modules.previous
          : pair.modules.next;
      const facts = running.get(module)?.facts;
      if (facts === undefined || moduleRole(facts).kind !== 'supervisor' || seen.has(module)) return [];
      const { supervisors } = facts.details();
      if (isUnknown(supervisors)) return [];
      const effects = supervisors
        .filter(({ kind }) => kind !== 'inline')
        .flatMap(({ sideEffects }) => (isUnknown(sideEffects) ? [] : sideEffects));
      const fails = failingAgain(effects);
      const harmful = effects.filter((effect) => !harmless.test(effect) && !onlyComputes(effect, running));
      if (harmful.length === 0) return [];
      seen.add(module);
      const isError = fails.length > 0;
      return [
        {
          code: 'supervisor-init-side-effects',
          severity: isError ? 'error' : 'warning',
          application: section.application.name,
          module,
          message: isError
            ? `the update of the supervisor ${module} ${section.place} calls its init/1 again, and that calls ${listed(fails)}, which fails where the table, name or port is there already: the node would restart in the middle of the upgrade.`
            : `the update of the supervisor ${module} ${section.place} calls its init/1 again, and that calls ${listed(harmful)}: what it does is done a second time.`,
          fix: `Do that in a function that is called before supervisor:start_link, or only where it has not been done; or write {load_module, ${quoted(module)}} where its children stay as they are.`,
        },
      ];
    }),
  );
}

/** Whether the module of the release that is called imports nothing but what only computes or looks. */
function onlyComputes(effect: string, index: ModuleIndex): boolean {
  const modules = new Set([splitCall(effect).module]);
  // A set is walked in the order of insertion, what is added on the way included.
  for (const module of modules) {
    const facts = index.get(module)?.facts;
    if (facts === undefined) return false;
    for (const [callee, functions] of facts.calls) {
      if (index.has(callee)) modules.add(callee);
      else if ([...functions].some((called) => !isHarmless(callee, called))) return false;
    }
  }
  return true;
}

function isHarmless(module: string, called: string): boolean {
  const slash = called.lastIndexOf('/');
  return (
    harmless.test(`${module}:${called}`) ||
    isPure(module, called.slice(0, slash), Number(called.slice(slash + 1)))
  );
}

/** A supervisor that is only loaded, since its `init/1` must not be called again, goes on with the flags that it has. */
function keptAsTheyAre(sections: readonly Section[]): Diagnostic[] {
  const seen = new Set<string>();
  return sections.flatMap((section) => {
    if (restartsAll(section)) return [];
    return changedModules(section.application).flatMap(({ name, previous, next }): Diagnostic[] => {
      if (seen.has(name) || replacementOf(section, name)?.how !== 'load') return [];
      const [before, after] = [flagsOf(previous), flagsOf(next)];
      if (before === undefined || after === undefined || before === after) return [];
      seen.add(name);
      return [
        {
          code: 'supervisor-init-side-effects',
          severity: 'warning',
          application: section.application.name,
          module: name,
          message: `the instructions ${section.place} load the supervisor ${name} and do not call its init/1 again: it goes on with the intensity and period {${before}} and not with {${after}}, until it is started the next time.`,
          fix: `Do what may not be done twice in a function that is called before supervisor:start_link, and write {update, ${quoted(name)}, supervisor}; or leave the new flags to the next restart of the node.`,
        },
      ];
    });
  });
}

/** How many restarts in how many seconds, where both are known. */
function flagsOf(module: ModuleFacts): string | undefined {
  const { supervisors } = module.details();
  if (isUnknown(supervisors)) return undefined;
  const own = supervisors.find(({ kind }: SupervisorFacts) => kind === 'callback');
  return own?.flags === undefined || isUnknown(own.flags) ? undefined : own.flags;
}
