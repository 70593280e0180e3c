import { instructionToTerm, type PlannedAppup, type PlannedSection } from '../appup';
import { planInstructions } from '../appup/plan-appup';
import type { ApplicationDiff, ReleasePair } from '../diff';
import { printTerm } from '../erlang';
import type { Diagnostic } from './diagnostic';

/**
 * Each module that differs must be named by an instruction, in both directions, or the node goes on with the code it
 * has: OTP's relup maker does not look at modules and says nothing. An instruction that restarts the application or
 * the emulator names them all.
 */
export function changeNotCovered(
  application: ApplicationDiff,
  appup: PlannedAppup,
  modules?: ReleasePair['modules'],
): Diagnostic[] {
  return appup.sections
    .filter((section) => section.version === application.previous.version)
    .flatMap((section) => notCoveredBy(section, application, modules));
}

function notCoveredBy(
  section: PlannedSection,
  application: ApplicationDiff,
  modules: ReleasePair['modules'] | undefined,
): Diagnostic[] {
  const { direction, version, origin } = section;
  const pair = direction === 'up' ? `up from ${version}` : `down to ${version}`;
  const place = origin.kind === 'kept' ? `"${pair}" of ${origin.file}` : `"${pair}"`;
  const instructions = origin.instructions.map((planned) =>
    'reason' in planned ? planned.instruction : planned,
  );
  const loaded = new Set<string>();
  const unloaded = new Set<string>();
  for (const instruction of instructions) {
    switch (instruction.kind) {
      case 'restart_new_emulator':
      case 'restart_emulator':
        return [];
      case 'restart_application':
        if (instruction.application === application.name) return [];
        break;
      case 'update':
      case 'load_module':
      case 'add_module':
        loaded.add(instruction.module);
        break;
      case 'load':
        loaded.add(instruction.module);
        break;
      case 'delete_module':
      case 'remove':
        unloaded.add(instruction.module);
        break;
      default:
        break;
    }
  }
  const planned = new Map(
    planInstructions(application, direction).flatMap(({ instruction }) =>
      'module' in instruction
        ? [[instruction.module, printTerm(instructionToTerm(instruction, { shortest: true }))] as const]
        : [],
    ),
  );
  const entered = modules?.[direction === 'up' ? 'next' : 'previous'];
  const findings: Diagnostic[] = [];
  const report = (module: string, what: string): void => {
    const example = planned.get(module) ?? `{load_module, ${module}}`;
    findings.push({
      code: 'change-not-covered',
      severity: 'error',
      application: application.name,
      module,
      message: `${module} ${what}, but no instruction of the section ${place} names it, so the node would keep what it has.`,
      fix: `Add an instruction such as ${example} to that section, or remove the section to have it generated.`,
    });
  };
  for (const module of application.modules) {
    const arrives = (direction === 'up') === (module.kind === 'added');
    switch (module.kind) {
      case 'equivalent':
        break;
      case 'changed':
        if (!loaded.has(module.name)) report(module.name, 'changed');
        break;
      case 'added':
      case 'removed':
        if (arrives && !loaded.has(module.name)) {
          report(module.name, 'is new in the version that is entered');
        }
        // One that another application has from now on is named there.
        if (!arrives && !unloaded.has(module.name) && !entered?.has(module.name)) {
          report(module.name, 'is gone in the version that is entered');
        }
        break;
    }
  }
  return findings;
}
