import { atomName, listElements, tupleOf, type Term } from '../erlang';
import { readSysConfig, type Release } from '../release';
import type { Relup, RelupEntry } from '../relup';
import type { EmulatorRestart } from '../rules';

/** The pairs, up and then down, whose relup ends the emulator, with what their nodes have to start it again. */
export async function findEmulatorRestarts(
  next: Release,
  previous: readonly Release[],
  relup: Relup,
): Promise<EmulatorRestart[]> {
  const found: EmulatorRestart[] = [];
  for (const base of previous) {
    for (const [entries, from, to] of [
      [relup.up, base, next],
      [relup.down, next, base],
    ] as const) {
      if (!entries.some((entry) => entry.version === base.version && endsEmulator(entry))) continue;
      const { vmArgs } = from.configuration;
      found.push({
        base: base.path,
        from: from.version,
        to: to.version,
        vmArgs,
        hasHeart:
          vmArgs !== undefined &&
          /^\s*-heart(?![-\w])/m.test((await from.tree.read(vmArgs)).toString('utf8')),
        // What lies in bin is the base's in both directions: no package brings it.
        hasStartProgram:
          base.tree.files.some(({ path }) => path === 'bin/start') ||
          namesStartProgram(await readSysConfig(from.tree, from.configuration)),
      });
    }
  }
  return found;
}

function endsEmulator({ instructions }: RelupEntry): boolean {
  return instructions.some(({ kind }) => kind === 'restart_emulator' || kind === 'restart_new_emulator');
}

function namesStartProgram(config: Term | undefined): boolean {
  return ((config && listElements(config)) ?? []).some((element) => {
    const environment = tupleOf(element, 'sasl', 2)?.elements[1];
    return ((environment && listElements(environment)) ?? []).some((pair) => {
      const [key] = tupleOf(pair, undefined, 2)?.elements ?? [];
      return key !== undefined && atomName(key) === 'start_prg';
    });
  });
}
