import type { ApplicationInRelease, ReleaseDescription } from '../release/model';
import type { RelupProblem } from './problem';

/** An application with what it must be started after, as far as that is in the release. */
interface Node {
  readonly application: ApplicationInRelease;
  readonly uses: readonly string[];
  readonly includes: readonly string[];
}

/**
 * The applications of a release in the order in which the boot script starts them: as in the `.rel`, except that
 * what an application uses or includes comes before it (`systools_make:sort_appls/1`). Who uses an included
 * application uses the one at the top that includes it (`add_top_apps_to_uses/3`).
 *
 * When there is no such order, the problems say why (`circular_dependencies`, `undefined_applications`), and the
 * applications are in the order of the `.rel`.
 */
export function startOrder(release: ReleaseDescription): {
  readonly applications: readonly ApplicationInRelease[];
  readonly problems: readonly RelupProblem[];
} {
  const includers = includingApplications(release.applications);
  const cycle = includeCycle(release.applications, includers);
  if (cycle !== undefined) {
    return { applications: release.applications, problems: [circular(release, cycle)] };
  }
  const position = new Map<string, number>();
  release.applications.forEach(({ name }, index) => {
    if (!position.has(name)) position.set(name, index);
  });
  // Absent optional applications come last.
  const place = (name: string): number => position.get(name) ?? Infinity;
  const inOrder = (names: readonly string[]): string[] =>
    [...names].sort((left, right) => (place(left) === place(right) ? 0 : place(left) - place(right)));
  return sortApplications(
    release,
    release.applications.map((application) => ({
      application,
      uses: inOrder(usesWithTopApplications(application, includers)),
      includes: inOrder(application.includedApplications),
    })),
  );
}

/** For each included application, the one that includes it. */
function includingApplications(applications: readonly ApplicationInRelease[]): ReadonlyMap<string, string> {
  const includers = new Map<string, string>();
  for (const { name, includedApplications } of applications) {
    for (const included of includedApplications) if (!includers.has(included)) includers.set(included, name);
  }
  return includers;
}

function topApplication(name: string, includers: ReadonlyMap<string, string>): string {
  let top = name;
  for (let next = includers.get(top); next !== undefined; next = includers.get(top)) top = next;
  return top;
}

/** Applications that include each other in a circle, on which systools does not end. */
function includeCycle(
  applications: readonly ApplicationInRelease[],
  includers: ReadonlyMap<string, string>,
): readonly string[] | undefined {
  const ended = new Set<string>();
  for (const { name } of applications) {
    const path = new Set<string>();
    let next: string | undefined = name;
    while (next !== undefined && !ended.has(next)) {
      if (path.has(next)) return [...path].slice([...path].indexOf(next));
      path.add(next);
      next = includers.get(next);
    }
    for (const member of path) ended.add(member);
  }
  return undefined;
}

function usesWithTopApplications(
  { name, resource }: ApplicationInRelease,
  includers: ReadonlyMap<string, string>,
): readonly string[] {
  const ownTop = topApplication(name, includers);
  let uses = [...resource.applications];
  for (const used of resource.applications) {
    if (used === ownTop) {
      uses = without(uses, [ownTop]);
      continue;
    }
    const includer = includers.get(used);
    if (includer === undefined) continue;
    const usedTop = topApplication(includer, includers);
    if (uses.includes(usedTop)) uses = without(uses, [used]);
    else if (usedTop !== ownTop) uses = [...without(uses, [used]), usedTop];
  }
  return uses;
}

function sortApplications(
  release: ReleaseDescription,
  nodes: readonly Node[],
): { applications: readonly ApplicationInRelease[]; problems: readonly RelupProblem[] } {
  const sorted: ApplicationInRelease[] = [];
  const visited = new Set<string>();
  const missing: string[] = [];
  const cyclic: string[] = [];
  let rest = [...nodes];
  for (let node = rest.shift(); node !== undefined; node = rest.shift()) {
    const { application } = node;
    const { name } = application;
    const before: Node[] = [];
    const pull = (wanted: readonly string[]): string[] => {
      const notFound: string[] = [];
      const found: Node[] = [];
      for (const other of [...wanted].reverse()) {
        const at = rest.findIndex((candidate) => candidate.application.name === other);
        const candidate = rest[at];
        if (candidate !== undefined && !candidate.includes.includes(name)) {
          found.unshift(candidate);
          rest.splice(at, 1);
        } else if (!visited.has(other)) notFound.push(other);
      }
      for (const other of found) before.push(other);
      return notFound;
    };
    missing.push(
      ...without(pull(node.uses), application.resource.optionalApplications),
      ...pull(node.includes),
    );
    if (before.length === 0) sorted.push(application);
    else {
      const again = before.filter((other) => visited.has(other.application.name));
      if (again.length > 0) cyclic.push(name, ...again.map((other) => other.application.name));
      rest = [...before.filter((other) => !again.includes(other)), node, ...rest];
    }
    visited.add(name);
  }
  const problems: RelupProblem[] = [];
  if (cyclic.length > 0) problems.push(circular(release, [...new Set(cyclic)]));
  for (const name of new Set(missing)) {
    problems.push({
      kind: 'undefined_applications',
      problem: `no place in the start order has ${name} before the applications that use it.`,
      fix: `Look at the applications and included_applications that name ${name}: one of them names it twice, or uses an application that includes it.`,
      file: release.relFile,
    });
  }
  return { applications: problems.length === 0 ? sorted : release.applications, problems };
}

function circular(release: ReleaseDescription, names: readonly string[]): RelupProblem {
  return {
    kind: 'circular_dependencies',
    problem: `applications depend on each other in a circle: ${names.join(', ')}.`,
    fix: 'Take one of them out of the applications or included_applications of another.',
    file: release.relFile,
  };
}

/** `names -- removed`: the first occurrence of each. */
export function without(names: readonly string[], removed: readonly string[]): string[] {
  const left = [...names];
  for (const name of removed) {
    const at = left.indexOf(name);
    if (at >= 0) left.splice(at, 1);
  }
  return left;
}
