import {
  atomName,
  editTermFile,
  listElements,
  printTerm,
  readTerms,
  string,
  stringValue,
  tupleOf,
  type Term,
  type TermFile,
} from '../erlang';
import {
  checkVersion,
  isVersion,
  type Manifest,
  type VersionRequirement,
  type VersionStatement,
  type WrittenVersion,
} from './manifest';

/**
 * `src/NAME.app.src`: the version of the application.
 * @throws OtpError `term-syntax`
 */
export function appSrcManifest(bytes: Uint8Array, file: string): Manifest {
  const found = new Findings(readTerms(bytes, file));
  const [, name, properties] = tupleOf(found.terms[0] ?? nothing, 'application', 3)?.elements ?? [];
  const version = firstValue(elementsOf(properties), 'vsn');
  if (name !== undefined && version !== undefined)
    found.version('application', atomName(name) ?? '', version);
  return found.manifest();
}

/**
 * `rel/reltool.config`: the version of the release that `boot_rel` names, and the applications of which it wants a certain
 * version: `{app, NAME, [{vsn, "1"}]}`.
 * @throws OtpError `term-syntax`
 */
export function reltoolManifest(bytes: Uint8Array, file: string): Manifest {
  const found = new Findings(readTerms(bytes, file));
  const options = elementsOf(firstValue(found.terms, 'sys'));
  const boot = textOf(firstValue(options, 'boot_rel'));
  for (const option of options) {
    const [, name, version] = tupleOf(option, 'rel')?.elements ?? [];
    if (version !== undefined && boot !== undefined && textOf(name) === boot) {
      found.version('release', boot, version);
    }
    const [, application, settings] = tupleOf(option, 'app', 3)?.elements ?? [];
    found.pin(application, firstValue(elementsOf(settings), 'vsn'));
  }
  return found.manifest();
}

/**
 * `rebar.config`: the versions of the releases of `relx`, those of profiles after all others, and of the dependencies.
 * @throws OtpError `term-syntax`
 */
export function rebarManifest(bytes: Uint8Array, file: string): Manifest {
  const found = new Findings(readTerms(bytes, file));
  const profiles = elementsOf(firstValue(found.terms, 'profiles')).map((profile) =>
    elementsOf(tupleOf(profile, undefined, 2)?.elements[1]),
  );
  for (const settings of [found.terms, ...profiles]) {
    releasesOf(found, elementsOf(firstValue(settings, 'relx')));
    for (const dependency of elementsOf(firstValue(settings, 'deps'))) {
      const [name, requirement] = dependency.kind === 'tuple' ? dependency.elements : [];
      found.dependency(name, requirement);
    }
  }
  return found.manifest();
}

/**
 * `relx.config`: the terms of `relx` in a file of their own.
 * @throws OtpError `term-syntax`
 */
export function relxManifest(bytes: Uint8Array, file: string): Manifest {
  const found = new Findings(readTerms(bytes, file));
  releasesOf(found, found.terms);
  return found.manifest();
}

/** `{release, {Name, Version}, Applications}`, the one that `default_release` names first. */
function releasesOf(found: Findings, relx: readonly Term[]): void {
  const [, first, second] =
    relx.map((term) => tupleOf(term, 'default_release')).find(Boolean)?.elements ?? [];
  const [byName, byVersion] = first?.kind === 'tuple' ? first.elements : [first, second];
  const releases = relx.flatMap((term) => {
    const [, release, applications] = tupleOf(term, 'release')?.elements ?? [];
    const [name, version] = release?.kind === 'tuple' ? release.elements : [];
    if (name === undefined || version === undefined) return [];
    return [{ name: atomName(name) ?? '', version, applications: elementsOf(applications) }];
  });
  const isDefault = ({ name, version }: (typeof releases)[number]): boolean =>
    byName !== undefined &&
    atomName(byName) === name &&
    (byVersion === undefined || textOf(byVersion) === textOf(version));
  for (const { name, version } of [
    ...releases.filter(isDefault),
    ...releases.filter((release) => !isDefault(release)),
  ]) {
    found.version('release', name, version);
  }
  if (byName !== undefined && byVersion !== undefined) {
    found.version('release', atomName(byName) ?? '', byVersion);
  }
  for (const application of releases.flatMap((release) => release.applications)) {
    const [name, version] = application.kind === 'tuple' ? application.elements : [];
    found.pin(name, version);
  }
}

/** What was found in a file, and the terms that say it. */
class Findings {
  private readonly versions: VersionStatement[] = [];
  private readonly requirements: VersionRequirement[] = [];
  private readonly places = new Map<WrittenVersion | VersionRequirement, Term>();

  constructor(private readonly source: TermFile) {}

  get terms(): readonly Term[] {
    return this.source.terms;
  }

  version(of: 'application' | 'release', name: string, term: Term): void {
    const subject = { of, name, position: this.source.positionOf(term) };
    const version = textOf(term);
    // rebar3 takes "git" for git.
    if (version === undefined || version === 'git' || !isVersion(version)) {
      this.versions.push({ kind: 'computed', ...subject, by: printTerm(term, { width: Infinity }) });
      return;
    }
    const written: WrittenVersion = { kind: 'written', ...subject, version };
    this.places.set(written, term);
    this.versions.push(written);
  }

  /** A dependency of which the version is a string; rebar 2's regular expressions are none. */
  dependency(name: Term | undefined, requirement: Term | undefined): void {
    const text = textOf(requirement);
    if (text === undefined || !/^(?:[<>=!~]+\s*)?\d[^*\\]*$/.test(text)) return;
    this.require(name, requirement, text, false);
  }

  pin(name: Term | undefined, version: Term | undefined): void {
    const text = textOf(version);
    if (text !== undefined && isVersion(text)) this.require(name, version, text, true);
  }

  private require(name: Term | undefined, term: Term | undefined, requirement: string, exact: boolean): void {
    const application = name && atomName(name);
    if (application === undefined || term === undefined) return;
    const position = this.source.positionOf(term);
    const found: VersionRequirement = { kind: 'requirement', application, requirement, exact, position };
    this.places.set(found, term);
    this.requirements.push(found);
  }

  manifest(): Manifest {
    const { source, places, versions, requirements } = this;
    return {
      file: source.file,
      versions,
      requirements,
      replace: (edits) =>
        editTermFile(
          source,
          [...edits].map(([stated, text]) => {
            if (stated.kind === 'written') checkVersion(text, source.file);
            const replace = places.get(stated);
            if (replace === undefined)
              throw new Error(`what is to be replaced was not read from ${source.file}`);
            return { replace, by: string(text) };
          }),
        ),
    };
  }
}

const nothing: Term = { kind: 'list', elements: [] };

/** The value of the first `{key, Value}`, as in `proplists`. */
function firstValue(terms: readonly Term[], key: string): Term | undefined {
  for (const term of terms) {
    const value = tupleOf(term, key, 2)?.elements[1];
    if (value !== undefined) return value;
  }
  return undefined;
}

function elementsOf(term: Term | undefined): readonly Term[] {
  // A string is a list of characters, in which nothing is looked for.
  return term === undefined || term.kind === 'string' ? [] : (listElements(term) ?? []);
}

function textOf(term: Term | undefined): string | undefined {
  return term && stringValue(term);
}
