import type { ReleasePair } from '../diff/module-index';
import type { Diagnostic } from './diagnostic';

/** `systools_relup:check_for_emulator_restart/5` */
export function ertsDiffers({ difference: { erts } }: ReleasePair): Diagnostic[] {
  if (erts === undefined) return [];
  return [
    {
      code: 'erts-differs',
      severity: 'warning',
      message: `the releases have the emulators erts ${erts.previous} and erts ${erts.next}, so the upgrade restarts the emulator in both directions: no process lives on.`,
      fix: 'Build the new release with the OTP of the previous one where the upgrade is meant to be hot.',
    },
  ];
}
