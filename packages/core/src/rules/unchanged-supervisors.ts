import type { PlannedAppup } from '../appup';
import { splitCall } from '../appup/module-calls';
import { moduleRole } from '../appup/module-role';
import type { ReleasePair } from '../diff/module-index';
import { isUnknown } from '../facts';
import type { Diagnostic } from './diagnostic';
import { changedModules, listed, quoted, restartsAll, sectionsOf } from './section';

/**
 * A supervisor that stays as it is may have its children from a module that changes: no instruction names the
 * supervisor, so that nobody reads its `init/1` again, and nobody saw what that answers.
 */
export function unchangedSupervisors(pair: ReleasePair, appups: readonly PlannedAppup[]): Diagnostic[] {
  const sections = sectionsOf(pair, appups).filter(({ direction }) => direction === 'up');
  const hot = sections.filter((section) => !restartsAll(section));
  const changed = new Set(
    hot.flatMap(({ application }) => changedModules(application)).map(({ name }) => name),
  );
  const updated = new Set(
    sections.flatMap(({ instructions }) =>
      instructions.flatMap((instruction) => (instruction.kind === 'update' ? [instruction.module] : [])),
    ),
  );
  const restarted = new Set(sections.filter(restartsAll).map(({ application }) => application.name));
  return [...pair.modules.next].flatMap(([name, { application, facts }]): Diagnostic[] => {
    const before = pair.modules.previous.get(name)?.facts;
    if (before?.md5 !== facts.md5 || updated.has(name) || restarted.has(application)) return [];
    // Most modules do not call what changed, and their details need not be computed.
    const called = [...facts.calls.keys()].filter((module) => module !== name && changed.has(module));
    if (called.length === 0 || moduleRole(facts).kind !== 'supervisor') return [];
    const { supervisors } = facts.details();
    if (isUnknown(supervisors)) return [];
    const helpers = supervisors.flatMap(({ kind, children, sideEffects }) =>
      kind !== 'callback' || !isUnknown(children) || isUnknown(sideEffects)
        ? []
        : sideEffects.map((call) => splitCall(call).module).filter((module) => called.includes(module)),
    );
    if (helpers.length === 0) return [];
    return [
      {
        code: 'children-unknown',
        severity: 'warning',
        application,
        module: name,
        message: `${name} did not change, but its init/1 calls ${listed([...new Set(helpers)].sort())}, which did, and what it answers could not be found out: nobody has checked whether its children changed, and no instruction lets it read them again.`,
        fix: `Where they did, write {update, ${quoted(name)}, supervisor} after the new code of ${listed([...new Set(helpers)].sort())}, and start the children that are new and stop those that are gone.`,
      },
    ];
  });
}
