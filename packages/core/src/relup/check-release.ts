import type { ApplicationInRelease, ReleaseDescription } from '../release/model';
import type { RelupProblem } from './problem';
import { without } from './start-order';

/**
 * What systools demands of a release before it makes a relup for it, apart from the order in which its applications
 * start: `systools_make:check_rel1/1`, `check_applications/1`, `check_modules/3`, and sasl, without which there is no
 * `release_handler` on the node (`systools_relup`).
 */
export function checkRelease(release: ReleaseDescription): RelupProblem[] {
  return [
    ...mandatoryApplications(release),
    ...resources(release),
    ...undefinedApplications(release),
    ...duplicates(release, 'duplicate_register', 'registered name', ({ resource }) => resource.registered),
    ...duplicates(release, 'duplicate_include', 'included application', (app) => app.includedApplications),
    ...duplicates(release, 'duplicate_modules', 'module', ({ resource }) => resource.modules),
  ];
}

function mandatoryApplications(release: ReleaseDescription): RelupProblem[] {
  const problems: RelupProblem[] = [];
  for (const name of ['kernel', 'stdlib']) {
    const application = release.applications.find((application) => application.name === name);
    if (application === undefined) {
      problems.push(
        problemOf(release, 'missing_mandatory_app', `${name} is not in the release.`, `Add ${name} to it.`),
      );
    } else if (application.startType !== 'permanent') {
      const problem = `${name} is started as ${application.startType}.`;
      problems.push(problemOf(release, 'mandatory_app', problem, 'It must be permanent.'));
    }
  }
  if (!release.applications.some(({ name }) => name === 'sasl')) {
    problems.push(
      problemOf(
        release,
        'missing_sasl',
        `release ${release.name} ${release.version} is without sasl, so no release_handler runs on the node.`,
        'Add sasl to the release, and to the base before it is deployed.',
      ),
    );
  }
  return problems;
}

function resources(release: ReleaseDescription): RelupProblem[] {
  return release.applications.flatMap(({ name, version, includedApplications, resource }) => {
    const problems: RelupProblem[] = [];
    if (resource.version !== version || resource.name !== name) {
      const problem = `the release has ${name} ${version}, its .app file says ${resource.name} ${resource.version}.`;
      problems.push(problemOf(release, 'error_reading', problem, 'Let them name the same version.'));
    }
    const added = includedApplications.filter(
      (included) => !resource.includedApplications.includes(included),
    );
    if (added.length > 0) {
      const problem = `the release lets ${name} include ${added.join(', ')}, which its .app file does not.`;
      const fix =
        'The list of the .rel may only leave out some of the included_applications of the .app file.';
      problems.push(problemOf(release, 'error_reading', problem, fix));
    }
    return problems;
  });
}

function undefinedApplications(release: ReleaseDescription): RelupProblem[] {
  const defined = new Set(release.applications.map(({ name }) => name));
  const users = new Map<string, string[]>();
  for (const { name, includedApplications, resource } of release.applications) {
    const needed = [
      ...without(resource.applications, resource.optionalApplications),
      ...includedApplications,
    ];
    for (const used of needed.filter((used) => !defined.has(used)))
      users.set(used, [...(users.get(used) ?? []), name]);
  }
  return [...users].map(([used, names]) =>
    problemOf(
      release,
      'undefined_applications',
      `${used} is not in the release, but ${names.join(', ')} needs it.`,
      `Add ${used} to the release, or to the optional_applications of ${names.join(', ')}.`,
    ),
  );
}

function duplicates(
  release: ReleaseDescription,
  kind: string,
  what: string,
  namesOf: (application: ApplicationInRelease) => readonly string[],
): RelupProblem[] {
  const owners = new Map<string, string[]>();
  for (const application of release.applications) {
    for (const name of namesOf(application))
      owners.set(name, [...(owners.get(name) ?? []), application.name]);
  }
  return [...owners]
    .filter(([, names]) => names.length > 1)
    .map(([name, names]) =>
      problemOf(
        release,
        kind,
        `${what} ${name} stands more than once: in ${names.join(', ')}.`,
        'It must stand in one application of the release, and there once.',
      ),
    );
}

function problemOf(release: ReleaseDescription, kind: string, problem: string, fix: string): RelupProblem {
  return { kind, problem, fix, file: release.relFile };
}
