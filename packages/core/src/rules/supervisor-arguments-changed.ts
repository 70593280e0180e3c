import type { PlannedAppup } from '../appup';
import { moduleRole } from '../appup/module-role';
import type { ModuleFacts } from '../diff';
import type { ReleasePair } from '../diff/module-index';
import { isUnknown, type SupervisorFacts } from '../facts';
import type { Diagnostic } from './diagnostic';
import { quoted, sectionsOf } from './section';

/**
 * The code change of a supervisor calls the `init/1` that is loaded by then with the argument that the running supervisor
 * was started with (`supervisor:code_change/3`). Where no clause takes that, the code change fails, and release_handler
 * restarts the node.
 */
export function supervisorArgumentsChanged(pair: ReleasePair, appups: readonly PlannedAppup[]): Diagnostic[] {
  return sectionsOf(pair, appups).flatMap((section) =>
    section.instructions.flatMap((instruction): Diagnostic[] => {
      if (instruction.kind !== 'update' || instruction.change.kind !== 'advanced') return [];
      const { module } = instruction;
      const [left, entered] = [section.left.get(module)?.facts, section.entered.get(module)?.facts];
      if (left === undefined || entered === undefined || moduleRole(entered).kind !== 'supervisor') return [];
      const given = argumentOf(left)?.given;
      const taken = argumentOf(entered)?.taken ?? ['_'];
      if (
        given === undefined ||
        isUnknown(given) ||
        taken.some((shape) => shape === '_' || shape === given)
      ) {
        return [];
      }
      return [
        {
          code: 'supervisor-arguments-changed',
          severity: 'error',
          application: section.application.name,
          module,
          message: `the supervisor ${module} that runs was started with ${given}, and the update ${section.place} calls init/1 of the version that is entered with that, which takes ${taken.join(' or ')} only: the node would restart in the middle of the upgrade.`,
          fix: `Add a clause to init/1 of ${module} that takes ${given}, too, or write {load_module, ${quoted(module)}} where its children stay as they are.`,
        },
      ];
    }),
  );
}

function argumentOf(module: ModuleFacts): SupervisorFacts['argument'] {
  const { supervisors } = module.details();
  return isUnknown(supervisors)
    ? undefined
    : supervisors.find(({ function: name }) => name === 'init/1')?.argument;
}
