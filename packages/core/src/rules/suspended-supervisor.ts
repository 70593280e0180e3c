import { instructionToTerm, type PlannedAppup } from '../appup';
import { moduleRole } from '../appup/module-role';
import type { ReleasePair } from '../diff/module-index';
import { printTerm } from '../erlang';
import type { Diagnostic } from './diagnostic';
import { looksProcessesUp, quoted, type Section, sectionsOf } from './section';

/** Who looks for processes asks every supervisor for its children, and a suspended one can't answer. */
export function suspendedSupervisor(pair: ReleasePair, appups: readonly PlannedAppup[]): Diagnostic[] {
  return sectionsOf(pair, appups).flatMap(inSection);
}

function inSection({ instructions, application, place, left, entered }: Section): Diagnostic[] {
  const suspended = new Set<string>();
  const findings: Diagnostic[] = [];
  for (const instruction of instructions) {
    const [supervisor] = suspended;
    if (supervisor !== undefined && looksProcessesUp(instruction)) {
      findings.push({
        code: 'suspended-supervisor',
        severity: 'error',
        application: application.name,
        module: supervisor,
        message: `the instructions ${place} suspend the supervisor ${supervisor}, and before it is resumed ${printTerm(instructionToTerm(instruction, { shortest: true }))} asks all supervisors for their children: release_handler gives up (suspended_supervisor), and the node restarts in the middle of the upgrade.`,
        fix: `Suspend them in one instruction, or write {update, ${quoted(supervisor)}, supervisor} and leave the order to systools.`,
      });
      return findings;
    }
    if (instruction.kind === 'resume') for (const module of instruction.modules) suspended.delete(module);
    if (instruction.kind !== 'suspend') continue;
    for (const { module } of instruction.modules) {
      const facts = left.get(module)?.facts ?? entered.get(module)?.facts;
      if (facts !== undefined && moduleRole(facts).kind === 'supervisor') suspended.add(module);
    }
  }
  return findings;
}
