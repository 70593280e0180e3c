import type { MergedScript } from './merge-scripts';
import { problemAt, type Origin, type RelupProblem } from './problem';

/**
 * Checks the low-level instructions that were written by hand: what is loaded has its object code, what is suspended
 * is resumed, what is stopped is started, and the other way round (`systools_rc:check_script/2`). A `code_change`
 * without a suspend passes, as it does there.
 */
export function checkScript({ before, after, unread }: MergedScript): RelupProblem[] {
  const withObjectCode = new Set(
    before.flatMap(({ instruction }) => (instruction.kind === 'load_object_code' ? instruction.modules : [])),
  );
  const problems: RelupProblem[] = [];
  const partners: Record<'suspend' | 'resume' | 'stop' | 'start', Map<string, Origin>> = {
    suspend: new Map(),
    resume: new Map(),
    stop: new Map(),
    start: new Map(),
  };
  for (const { instruction, origin } of after) {
    switch (instruction.kind) {
      case 'load':
        if (!withObjectCode.has(instruction.module) && !unread.has(instruction.module)) {
          problems.push(
            problemAt(
              origin,
              'no_object_code',
              `no load_object_code names module ${instruction.module}.`,
              'Write load_module instead, or add {load_object_code, {APPLICATION, "VSN", [MODULE]}}.',
            ),
          );
        }
        break;
      case 'suspend':
        for (const { module } of instruction.modules) note(partners.suspend, module, origin);
        break;
      case 'resume':
      case 'stop':
      case 'start':
        for (const module of instruction.modules) note(partners[instruction.kind], module, origin);
        break;
      default:
    }
  }
  const unpaired = (one: keyof typeof partners, other: keyof typeof partners, kind: string): void => {
    for (const [module, origin] of partners[one]) {
      if (partners[other].has(module) || unread.has(module)) continue;
      const problem = `module ${module} is in a ${one} and in no ${other}.`;
      problems.push(
        problemAt(origin, kind, problem, `Add ${module} to a ${other}, or take it out of the ${one}.`),
      );
    }
  };
  unpaired('suspend', 'resume', 'suspended_not_resumed');
  unpaired('resume', 'suspend', 'resumed_not_suspended');
  unpaired('start', 'stop', 'start_not_stop');
  unpaired('stop', 'start', 'stop_not_start');
  return problems;
}

function note(modules: Map<string, Origin>, module: string, origin: Origin): void {
  if (!modules.has(module)) modules.set(module, origin);
}
