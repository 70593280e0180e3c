import { nil, string } from '../erlang';
import type { Appup } from '../appup/appup-file';
import type { ReleaseDescription } from '../release/model';
import { checkRelease } from './check-release';
import { distinctProblems, type RelupProblem } from './problem';
import type { Relup, RelupEntry } from './relup';
import { relupDiagnostics, type RelupDiagnostic } from './relup-diagnostic';
import type { Direction } from './script';
import { startOrder } from './start-order';
import type { SurroundingScripts } from './surrounding-scripts';
import { translateScripts } from './translate-scripts';
import { upgradeScripts, type OrderedRelease, type RelupOrder } from './upgrade-scripts';

/** A previous release, from which the upgrade leads and to which the downgrade leads back. */
export interface BaseRelease {
  readonly release: ReleaseDescription;
  /** What `release_handler` shows of the upgrade from it and of the downgrade to it. */
  readonly description?: string;
  /** In which order the scripts of the applications stand, in each direction, where `systools`' order would not do. */
  readonly scriptOrder?: Readonly<Record<Direction, readonly string[]>> | undefined;
  /** What the release does beside its applications, on the way up from this base and on the way back down. */
  readonly surrounding?: Readonly<Record<Direction, SurroundingScripts>>;
}

export interface RelupOptions {
  /** `dependencies` unless given. */
  readonly order?: RelupOrder;
  /** End every script with `restart_emulator`. */
  readonly restartEmulator?: boolean;
}

/**
 * Makes the relup between a release and its previous releases, as `systools:make_relup/4` does, from nothing but
 * the descriptions of the releases and the appups of the new one.
 *
 * What is different from systools:
 * - all problems come back at once, with the appup, the section and the instruction, not only the first;
 * - `order` (see there) by default starts and stops applications in the order of their dependencies;
 * - unrelated modules of one component keep the order of the script, where OTP's order changes from VM to VM;
 * - the rule for bases before OTP R15 (`fix_r15_sasl_upgrade/3`) is left out: it compares version numbers as text.
 *
 * @param input.appups the appup of an application of the new release; undefined when it has none
 * @returns the relup, which is undefined exactly when there are problems
 */
export function makeRelup(input: {
  readonly next: ReleaseDescription;
  readonly previous: readonly BaseRelease[];
  readonly appups: (application: string) => Appup | undefined;
  readonly options?: RelupOptions;
}): {
  readonly relup: Relup | undefined;
  readonly diagnostics: readonly RelupDiagnostic[];
  readonly problems: readonly RelupProblem[];
} {
  const { next, previous, appups, options: { order = 'dependencies', restartEmulator = false } = {} } = input;
  const problems: RelupProblem[] = [];
  const checked = (release: ReleaseDescription): OrderedRelease => {
    const { applications, problems: unordered } = startOrder(release);
    for (const problem of [...checkRelease(release), ...unordered]) problems.push(problem);
    return { release, startOrder: applications };
  };
  const top = checked(next);
  const bases = previous.map((base) => ({ ...base, base: checked(base.release) }));

  const entries = (direction: Direction): RelupEntry[] =>
    bases.map(({ base, description, scriptOrder, surrounding }) => {
      const upgrade = upgradeScripts({
        direction,
        next: top,
        previous: base,
        appups,
        order,
        scriptOrder: scriptOrder?.[direction],
        restartEmulator,
        surrounding: surrounding?.[direction],
      });
      const [entered, left] = direction === 'up' ? [top, base] : [base, top];
      const { instructions, problems: found } = translateScripts({
        direction,
        scripts: upgrade.scripts,
        entered: entered.startOrder,
        left: left.startOrder,
      });
      for (const problem of [...upgrade.problems, ...found]) problems.push(problem);
      return {
        version: base.release.version,
        description: description === undefined ? nil : string(description),
        instructions,
      };
    });
  const relup = { version: next.version, up: entries('up').reverse(), down: entries('down').reverse() };
  return {
    relup: problems.length === 0 ? relup : undefined,
    diagnostics: relupDiagnostics(
      next,
      previous.map(({ release }) => release),
      appups,
    ),
    problems: distinctProblems(problems),
  };
}
