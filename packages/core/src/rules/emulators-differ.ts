import type { Diagnostic } from './diagnostic';

/** What the emulators of a base and of the new release say of themselves; undefined where one says nothing. */
export interface Emulators {
  /** The path of the base. */
  readonly base: string;
  /** The OTP release. */
  readonly otp: { readonly previous: string | undefined; readonly next: string | undefined };
  /** In words, such as `x86_64 (elf, 64 bit)`. */
  readonly architecture: { readonly previous: string | undefined; readonly next: string | undefined };
}

/** Beams run anywhere that OTP is as new as the compiler; machine code runs on one kind of machine. */
export function emulatorsDiffer({ base, otp, architecture }: Emulators): Diagnostic[] {
  return [
    ...(differ(architecture)
      ? [
          {
            code: 'architecture-differs' as const,
            severity: 'error' as const,
            message: `the emulator of the previous release in ${base} is for ${architecture.previous ?? ''}, that of the new one for ${architecture.next ?? ''}: the node could not run what the package brings.`,
            fix: 'Generate the new release on a machine of the kind that the node runs on.',
          },
        ]
      : []),
    ...(differ(otp)
      ? [
          {
            code: 'otp-differs' as const,
            severity: 'warning' as const,
            message: `the previous release in ${base} is OTP ${otp.previous ?? ''}, the new one OTP ${otp.next ?? ''}: all of OTP changes, the emulator restarts, and on the way back code of the newer compiler must not be left on the node.`,
            fix: 'Build with the same OTP where the upgrade is meant to be hot, and rehearse this one on a copy of the node.',
          },
        ]
      : []),
  ];
}

function differ({ previous, next }: Emulators['otp']): boolean {
  return previous !== undefined && next !== undefined && previous !== next;
}
