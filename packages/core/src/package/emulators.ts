import type { Release } from '../release';
import type { Emulators } from '../rules';
import { formatArchitecture, readEmulator, type EmulatorFacts } from './emulator';

/** What the emulators of the bases and of the new release say of themselves, one entry for each base. */
export async function readEmulators(next: Release, previous: readonly Release[]): Promise<Emulators[]> {
  const entered = await readEmulator(next.tree, next.ertsVersion);
  const all: Emulators[] = [];
  for (const base of previous) {
    const left = await readEmulator(base.tree, base.ertsVersion);
    all.push({
      base: base.path,
      otp: { previous: left.otp, next: entered.otp },
      architecture: { previous: architecture(left), next: architecture(entered) },
    });
  }
  return all;
}

function architecture({ architecture: found }: EmulatorFacts): string | undefined {
  return found && formatArchitecture(found);
}
