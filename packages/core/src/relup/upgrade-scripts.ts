import { atom, printTerm, tuple, type Term } from '../erlang';
import { OtpError } from '../error';
import { findSection, sectionVersionToTerm, type Appup } from '../appup/appup-file';
import type { ApplicationInRelease, ReleaseDescription } from '../release/model';
import type { RelupProblem } from './problem';
import type { Direction, Script } from './script';
import { noSurroundingScripts, type SurroundingScripts } from './surrounding-scripts';

/**
 * In which order added applications are started and removed ones stopped, which is all it decides.
 *
 * - `dependencies`: an added application starts after those it uses or includes, a removed one stops before them.
 * - `otp`: as systools does it, in the order of the `.rel`. Where that lists an application before one it uses, its
 *   start fails with `{not_started, ...}`, and `release_handler` takes no notice.
 */
export type RelupOrder = 'dependencies' | 'otp';

/** A release with its applications in the order they are started. */
export interface OrderedRelease {
  readonly release: ReleaseDescription;
  readonly startOrder: readonly ApplicationInRelease[];
}

/**
 * The scripts that together lead from one release to the other, in the order of `systools_relup`:
 * a restart into the new emulator, the added applications, the changed ones from their appups in the start order of
 * `next` in both directions, the removed ones, and the restart at the end where it is wanted.
 * Of `next` and `previous` the appups are always those of `next`. systools knows no scripts of the release itself
 * (`surrounding`); they stand around those of its applications.
 *
 * The problems are `no_relup` for a section that is missing and `file_problem` for an appup that is.
 */
export function upgradeScripts(input: {
  readonly direction: Direction;
  readonly next: OrderedRelease;
  readonly previous: OrderedRelease;
  readonly appups: (application: string) => Appup | undefined;
  readonly order: RelupOrder;
  /** Names of applications: their scripts stand in this order. */
  readonly scriptOrder?: readonly string[] | undefined;
  readonly restartEmulator: boolean;
  /** Of this pair and direction. */
  readonly surrounding?: SurroundingScripts | undefined;
}): { readonly scripts: readonly Script[]; readonly problems: readonly RelupProblem[] } {
  const { direction, next, previous, order, surrounding = noSurroundingScripts } = input;
  const [from, to] = direction === 'up' ? [previous, next] : [next, previous];
  const problems: RelupProblem[] = [];
  const changed = changedApplications(next.startOrder, previous.release).flatMap(([application, version]) => {
    const found = appupScript(direction, application, version, input.appups(application.name));
    if ('kind' in found) {
      problems.push(found);
      return [];
    }
    return [found];
  });
  const scripts = [
    ...(from.release.ertsVersion === to.release.ertsVersion
      ? []
      : [madeScript(atom('restart_new_emulator'))]),
    ...surrounding.first,
    ...inOrder(
      [...addedApplications(from, to, order), ...changed, ...removedApplications(from, to, order)],
      input.scriptOrder,
    ),
    ...surrounding.last,
    ...(input.restartEmulator ? [madeScript(atom('restart_emulator'))] : []),
  ];
  return { scripts, problems };
}

/** What the order does not name stays behind what it does. */
function inOrder(scripts: readonly Script[], order: readonly string[] | undefined): readonly Script[] {
  if (order === undefined) return scripts;
  const place = new Map(order.map((application, at) => [application, at]));
  const placeOf = ({ application }: Script): number => place.get(application ?? '') ?? order.length;
  return [...scripts].sort((a, b) => placeOf(a) - placeOf(b));
}

function addedApplications(from: OrderedRelease, to: OrderedRelease, order: RelupOrder): Script[] {
  const applications = order === 'otp' ? to.release.applications : to.startOrder;
  return absentFrom(from.release, applications).map(({ name, startType }) =>
    madeScript(tuple(atom('add_application'), atom(name), atom(startType)), name),
  );
}

function removedApplications(from: OrderedRelease, to: OrderedRelease, order: RelupOrder): Script[] {
  const applications = order === 'otp' ? from.release.applications : [...from.startOrder].reverse();
  return absentFrom(to.release, applications).map(({ name }) =>
    madeScript(tuple(atom('remove_application'), atom(name)), name),
  );
}

function absentFrom(
  release: ReleaseDescription,
  applications: readonly ApplicationInRelease[],
): readonly ApplicationInRelease[] {
  const present = new Set(release.applications.map(({ name }) => name));
  return applications.filter(({ name }) => !present.has(name));
}

/** The applications that both releases have in different versions, with the previous version. */
export function changedApplications(
  next: readonly ApplicationInRelease[],
  previous: ReleaseDescription,
): [application: ApplicationInRelease, previousVersion: string][] {
  const versions = new Map([...previous.applications].reverse().map(({ name, version }) => [name, version]));
  return next.flatMap((application): [ApplicationInRelease, string][] => {
    const version = versions.get(application.name);
    return version === undefined || version === application.version ? [] : [[application, version]];
  });
}

function appupScript(
  direction: Direction,
  { name, version }: ApplicationInRelease,
  previousVersion: string,
  appup: Appup | undefined,
): Script | RelupProblem {
  const wanted = `${direction === 'up' ? 'up from' : 'down to'} ${previousVersion}`;
  const pair = `${name} changed from ${previousVersion} to ${version}`;
  if (appup === undefined) {
    return {
      kind: 'file_problem',
      problem: `${pair}, and it has no appup.`,
      fix: `Write ${name}.appup with a section ${wanted}, or let it be generated.`,
      application: name,
    };
  }
  const inAppup = { file: appup.file, application: name };
  const sections = direction === 'up' ? appup.up : appup.down;
  try {
    const section = findSection(sections, previousVersion);
    if (section === undefined) {
      return {
        kind: 'no_relup',
        problem: `${pair}, and no section of its appup leads ${wanted}.`,
        fix: `Add a section ${wanted}.`,
        ...inAppup,
      };
    }
    const sectionVersion = printTerm(sectionVersionToTerm(section.version));
    return { ...inAppup, section: sectionVersion, instructions: section.instructions };
  } catch (error) {
    if (!(error instanceof OtpError)) throw error;
    return { kind: error.code, problem: error.problem, fix: error.fix ?? '', ...inAppup };
  }
}

function madeScript(term: Term, application?: string): Script {
  return { application, instructions: [{ term }] };
}
