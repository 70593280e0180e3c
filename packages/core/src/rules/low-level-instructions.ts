import type { PlannedAppup } from '../appup';
import { moduleRole } from '../appup/module-role';
import type { ReleasePair } from '../diff/module-index';
import { instructionToTerm } from '../appup';
import { printTerm } from '../erlang';
import type { Diagnostic } from './diagnostic';
import { looksProcessesUp, sectionsOf, type Section } from './section';

/** What may stand in an appup and systools lets pass, and release_handler refuses or does otherwise than one thinks. */
export function lowLevelInstructions(pair: ReleasePair, appups: readonly PlannedAppup[]): Diagnostic[] {
  return sectionsOf(pair, appups).flatMap((section) => [
    ...refused(section),
    ...suspendedSupervisors(section),
    ...runsTwice(section),
  ]);
}

/** `release_handler_1:eval/2` knows neither, though relup(4) names them. */
function refused({ instructions, application, place }: Section): Diagnostic[] {
  return instructions.flatMap(({ kind }): Diagnostic[] =>
    kind !== 'restart' && kind !== 'reboot'
      ? []
      : [
          {
            code: 'instruction-refused',
            severity: 'error',
            application: application.name,
            message: `the instructions ${place} hold ${kind}, which systools passes on and release_handler refuses (illegal_instruction_after_point_of_no_return).`,
            fix: 'Write restart_emulator, or restart_new_emulator where the emulator itself changes.',
          },
        ],
  );
}

/** Who looks for processes asks every supervisor for its children, and a suspended one can't answer. */
function suspendedSupervisors({ instructions, application, place, left, entered }: Section): Diagnostic[] {
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
        fix: `Suspend them in one instruction, or write {update, ${supervisor}, supervisor} and leave the order to systools.`,
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

/** `check_install_release` evaluates everything up to the point of no return, and `install_release` does again. */
function runsTwice({ instructions, application, place }: Section): Diagnostic[] {
  const end = instructions.findIndex(({ kind }) => kind === 'point_of_no_return');
  const [first] = instructions.slice(0, Math.max(end, 0)).filter(({ kind }) => kind === 'apply');
  if (first === undefined) return [];
  return [
    {
      code: 'apply-runs-twice',
      severity: 'warning',
      application: application.name,
      message: `the instructions ${place} call ${printTerm(instructionToTerm(first))} before the point of no return: release_handler makes that call when the upgrade is checked, and again when it is installed.`,
      fix: 'Write it behind point_of_no_return, or see that it may be called twice.',
    },
  ];
}
