import { OtpError } from '../error';

interface Dependent {
  readonly name: string;
  readonly resource: { readonly file: string; readonly dependencies: readonly string[] };
}

/**
 * The applications, each after those of them that it needs; otherwise in the order given.
 * @throws OtpError `application-cycle` that names the applications of a circle.
 */
export function inOrderOfDependencies<T extends Dependent>(applications: readonly T[]): T[] {
  const byName = new Map(applications.map((application) => [application.name, application]));
  const ordered = new Set<T>();
  const visit = (application: T, path: readonly T[]): void => {
    if (ordered.has(application)) return;
    const at = path.indexOf(application);
    if (at >= 0) throw circle([...path.slice(at), application]);
    for (const dependency of application.resource.dependencies) {
      const needed = byName.get(dependency);
      if (needed !== undefined) visit(needed, [...path, application]);
    }
    ordered.add(application);
  };
  for (const application of applications) visit(application, []);
  return [...ordered];
}

function circle(path: readonly Dependent[]): OtpError {
  return new OtpError(`applications need each other: ${path.map(({ name }) => name).join(' -> ')}.`, {
    code: 'application-cycle',
    file: path[0]?.resource.file ?? '',
    fix: 'None of them could be started first. Remove one from applications or included_applications.',
  });
}
