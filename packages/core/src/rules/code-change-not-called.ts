import type { PlannedAppup } from '../appup';
import { moduleRole } from '../appup/module-role';
import type { ReleasePair } from '../diff/module-index';
import { isUnknown } from '../facts';
import type { Diagnostic } from './diagnostic';
import { processTree, type Whereabouts } from './process-tree';
import { changedModules, listed, replacementOf, restartsAll, sectionsOf } from './section';
import { stateChange } from './state-change';

/**
 * An `update` says nothing where release_handler finds no process to suspend: it walks the supervision trees from the
 * top of each application, and only below children of `type => supervisor`.
 */
export function codeChangeNotCalled(pair: ReleasePair, appups: readonly PlannedAppup[]): Diagnostic[] {
  const { previous, next } = pair.difference;
  const trees = {
    up: processTree(pair.modules.previous, previous.applications),
    down: processTree(pair.modules.next, next.applications),
  };
  const seen = new Set<string>();
  const unsure = new Map<string, { readonly modules: Set<string>; readonly reason: string }>();
  const findings = sectionsOf(pair, appups).flatMap((section) => {
    if (restartsAll(section)) return [];
    const application = section.application.name;
    return changedModules(section.application).flatMap((module): Diagnostic[] => {
      const { name } = module;
      // Where the supervisors of the application are not known, as those of OTP's, nothing can be said.
      if (!pair.modules.next.has(name)) return [];
      const role = moduleRole(module.next, pair.modules.next);
      if (role.kind === 'functional' || replacementOf(section, name)?.how !== 'advanced') return [];
      const where = trees[section.direction].whereaboutsOf(name);
      if (where.kind === 'unknown') {
        const { modules } = unsure.get(application) ?? { modules: new Set() };
        unsure.set(application, { modules: modules.add(name), reason: where.reason });
        return [];
      }
      const why = notFound(where, name);
      if (why === undefined || seen.has(name)) return [];
      seen.add(name);
      const change = stateChange(module, pair.modules);
      const differs = change !== undefined && !isUnknown(change);
      return [
        {
          code: 'code-change-not-called',
          severity: differs || role.kind === 'supervisor' ? 'error' : 'warning',
          application,
          module: name,
          message: `the instructions ${section.place} update ${name}, but ${why.problem}, so release_handler finds no process of it: ${role.kind === 'supervisor' ? 'its init/1 is not read again' : 'none is suspended, and the code change is never called'}${differs ? `, and the state was ${change.before} and is ${change.after}` : ''}.`,
          fix: why.fix,
        },
      ];
    });
  });
  const doubts = Array.from(unsure, ([application, { modules, reason }]): Diagnostic => ({
    code: 'processes-unknown',
    severity: 'info',
    application,
    message: `where the processes of ${listed([...modules].sort())} are could not be found out (${reason}), so nobody has checked whether release_handler finds them to call their code change.`,
    fix: `See that the specification of each names the callback module in modules, and that all supervisors above it are of type => supervisor.`,
  }));
  return [...findings, ...doubts];
}

function notFound(
  where: Exclude<Whereabouts, { readonly kind: 'unknown' }>,
  module: string,
): { readonly problem: string; readonly fix: string } | undefined {
  switch (where.kind) {
    case 'found':
      return undefined;
    case 'misnamed':
      // `child-modules-wrong` speaks of it.
      return undefined;
    case 'hidden':
      return {
        problem: `it runs under ${where.hiddenBy}, which is not of type => supervisor`,
        fix: `Write type => supervisor in the specification of ${where.hiddenBy}; that counts once its supervisor has read it, so for this upgrade stop and start that child in the appup.`,
      };
    case 'unsupervised':
      return {
        problem: 'no supervisor of the release starts it',
        fix: `Put the process under a supervisor whose specification names ${module}, or stop and start it by {apply, ...} in the appup.`,
      };
  }
}
