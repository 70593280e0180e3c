import { nil } from '../erlang';
import { isUnknown } from '../facts';
import type { PlannedInstruction } from './module-instruction';
import { convertsState, moduleRole } from './module-role';
import type { Direction, ModuleStep } from './module-step';

/** Whether a gen_statem answers another callback mode, as far as both answers are known. */
export function callbackModeChanges({ left, entered }: ModuleStep): boolean {
  const [before, after] = [left?.details().callbackMode ?? null, entered?.details().callbackMode ?? null];
  if (before === null || after === null) return before !== after;
  return !isUnknown(before) && !isUnknown(after) && before !== after;
}

/**
 * A gen_statem asks for its callback mode when it starts and after a code change only. On the way down the newer code
 * converts the state before the older is loaded, and would be asked for the mode, too (`systools_rc`, dynamic modules);
 * so there has to be a code change after the load: that of the older code, provided that it keeps what it is given.
 *
 * @returns the instructions in the place of the one that is planned; undefined where that one will do
 */
export function backToItsCallbackMode(
  step: ModuleStep,
  { instruction, reason }: PlannedInstruction,
  direction: Direction,
  version: string,
): readonly PlannedInstruction[] | undefined {
  const { module, left, entered } = step;
  if (direction === 'up' || left === undefined || entered === undefined || !callbackModeChanges(step)) {
    return undefined;
  }
  if (instruction.kind !== 'update' || instruction.change.kind !== 'advanced') return undefined;
  const [newer, older] = [moduleRole(left), moduleRole(entered)];
  const keeps = older.kind === 'process' && ['default', 'trivial'].includes(older.conversion);
  if (newer.kind !== 'process' || !keeps) return undefined;
  if (!convertsState(newer.conversion)) {
    return [
      {
        instruction: { ...instruction, moduleType: 'static' },
        reason: `${reason}; static, so that it is the older code that is asked`,
      },
    ];
  }
  if (instruction.dependencies.length > 0) return undefined;
  const { prePurge, postPurge, timeout } = instruction;
  const codeChange = { kind: 'code_change', mode: 'down', changes: [{ module, extra: nil }] } as const;
  const suspended = timeout === 'default' ? { module } : { module, timeout };
  const asked = 'its callback_mode/0 is asked after a code change only, and that of the older code must be';
  return [
    {
      instruction: { kind: 'load_object_code', application: step.application, version, modules: [module] },
      reason: `${module} is loaded step by step: ${asked}`,
    },
    { instruction: { kind: 'suspend', modules: [suspended] }, reason: `its processes wait` },
    { instruction: codeChange, reason: 'the newer code converts their states back' },
    { instruction: { kind: 'load', module, prePurge, postPurge }, reason: 'the older code comes' },
    {
      instruction: codeChange,
      reason: 'the older code keeps the states, and is asked for its callback mode',
    },
    { instruction: { kind: 'resume', modules: [module] }, reason: 'they go on in the older code' },
  ];
}
