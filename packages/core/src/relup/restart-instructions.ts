import type { LowLevelInstruction } from '../appup/instruction';
import type { Direction } from './script';

/**
 * Moves the restarts of the emulator to where they can be carried out (`systools_rc:sort_emulator_restart/3`): into
 * a new emulator first of all, so that the rest runs in it; on the way down that emulator is still there, and an
 * ordinary restart at the end has to do. However many there are, one of each is left.
 */
export function placeRestarts(
  direction: Direction,
  before: readonly LowLevelInstruction[],
  after: readonly LowLevelInstruction[],
): { readonly before: readonly LowLevelInstruction[]; readonly after: readonly LowLevelInstruction[] } {
  const intoNew = after.some(({ kind }) => kind === 'restart_new_emulator');
  const restart = after.some(({ kind }) => kind === 'restart_emulator') || (intoNew && direction === 'down');
  const others = after.filter(({ kind }) => kind !== 'restart_new_emulator' && kind !== 'restart_emulator');
  return {
    before: intoNew && direction === 'up' ? [{ kind: 'restart_new_emulator' }, ...before] : before,
    after: restart ? [...others, { kind: 'restart_emulator' }] : others,
  };
}
