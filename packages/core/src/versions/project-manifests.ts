import { posix } from 'node:path';
import { appSrcManifest, rebarManifest, reltoolManifest, relxManifest } from './erlang-manifests';
import { mixManifest } from './mix-manifest';
import type {
  ComputedVersion,
  Manifest,
  VersionRequirement,
  VersionStatement,
  WrittenVersion,
} from './manifest';

/** The files of a project, wherever they are kept. Paths are relative to its root, with `/`. */
export interface ProjectFiles {
  /** Undefined where there is no such file. */
  read(path: string): Uint8Array | undefined;
  /** The names in a folder; none where there is no such folder. */
  list(folder: string): readonly string[];
  /** The file as messages name it. */
  nameOf(path: string): string;
}

export interface PlacedManifest extends Manifest {
  /** Relative to the root of the project. */
  readonly path: string;
}

/** What says versions in a project. */
export interface ProjectManifests {
  /** Those of the project itself, in the order in which they decide: as for `generate`, reltool before mix before relx. */
  readonly own: readonly PlacedManifest[];
  /** Those of the applications in its `apps/*` and `lib/*`. */
  readonly inner: readonly PlacedManifest[];
}

/** The text of a file after some of what it states was replaced. */
export interface ChangedManifest {
  /** Relative to the root of the project. */
  readonly path: string;
  readonly bytes: Buffer;
}

const fixedNames = ['rel/reltool.config', 'mix.exs', 'rebar.config', 'relx.config'] as const;

/** The manifests that a project can have, as people are told. */
export const manifestNames: readonly string[] = [...fixedNames, 'src/*.app.src'];

/**
 * @throws OtpError `term-syntax`, `mix-exs` for a file that cannot be read
 */
export function readProjectManifests(files: ProjectFiles): ProjectManifests {
  const folders = ['apps', 'lib'].flatMap((folder) => {
    return [...files.list(folder)].sort().map((name) => `${folder}/${name}`);
  });
  return {
    own: manifestsIn(files, '.'),
    inner: folders.flatMap((folder) => manifestsIn(files, folder)),
  };
}

function manifestsIn(files: ProjectFiles, folder: string): PlacedManifest[] {
  const resources = files.list(posix.join(folder, 'src')).filter((name) => name.endsWith('.app.src'));
  return [...fixedNames, ...resources.sort().map((name) => `src/${name}`)].flatMap((name) => {
    const path = posix.join(folder, name);
    const bytes = files.read(path);
    return bytes === undefined ? [] : [{ path, ...readManifest(bytes, path, files.nameOf(path)) }];
  });
}

/**
 * What a file states, by its name.
 * @param file as messages name it
 * @throws OtpError `term-syntax`, `mix-exs`
 */
export function readManifest(bytes: Uint8Array, path: string, file: string): Manifest {
  switch (posix.basename(path)) {
    case 'reltool.config':
      return reltoolManifest(bytes, file);
    case 'mix.exs':
      return mixManifest(bytes, file);
    case 'rebar.config':
      return rebarManifest(bytes, file);
    case 'relx.config':
      return relxManifest(bytes, file);
    default:
      return appSrcManifest(bytes, file);
  }
}

/** A version, and the file that states it. */
export interface StatedVersion<Statement extends VersionStatement = VersionStatement> {
  readonly manifest: PlacedManifest;
  readonly statement: Statement;
}

/**
 * What decides the version of a project: its release, or where it has none its application. Undefined where nothing
 * states one.
 */
export function projectVersion({ own, inner }: ProjectManifests): StatedVersion | undefined {
  const [first] = statementsOf(own);
  const application = first?.statement.kind === 'computed' ? first.statement.application : undefined;
  if (application === undefined) return first;
  const ofApplication = statementsOf([...own, ...inner]).find(
    ({ statement }) => statement.of === 'application' && statement.name === application,
  );
  return ofApplication ?? first;
}

/** The application that a project is: the name under which others depend on it. */
export function applicationOf({ own }: ProjectManifests): string | undefined {
  const named = statementsOf(own).find(
    ({ statement }) => statement.of === 'application' && statement.name !== '',
  );
  return named?.statement.name;
}

/**
 * The files of a project with a new version of it: at the place that decides, and at all others of the project itself that
 * say the same version now. The applications within keep theirs, unless `applications` is `same`.
 * @throws OtpError `version`
 */
export function withProjectVersion(
  manifests: ProjectManifests,
  version: string,
  { applications = 'own' }: { readonly applications?: 'own' | 'same' } = {},
): ChangedManifest[] {
  const decisive = projectVersion(manifests);
  if (decisive?.statement.kind !== 'written') return [];
  const now = decisive.statement.version;
  const looked = applications === 'same' ? [...manifests.own, ...manifests.inner] : manifests.own;
  const edits = new Map<PlacedManifest, Map<WrittenVersion | VersionRequirement, string>>();
  edit(edits, decisive.manifest, decisive.statement, version);
  const raised = new Set<string>();
  for (const { manifest, statement } of statementsOf(looked)) {
    if (statement.kind !== 'written' || statement.version !== now) continue;
    edit(edits, manifest, statement, version);
    if (statement.of === 'application') raised.add(statement.name);
  }
  editPins(edits, manifests, raised, now, version);
  return applied(edits);
}

/**
 * The files of a project with a new version of one of its applications, also where a release or its configuration names
 * the old one.
 * @throws OtpError `version`
 */
export function withApplicationVersion(
  manifests: ProjectManifests,
  application: string,
  { from, to }: { readonly from: string; readonly to: string },
): ChangedManifest[] {
  const edits = new Map<PlacedManifest, Map<WrittenVersion | VersionRequirement, string>>();
  for (const { manifest, statement } of applicationVersions(manifests, application)) {
    if (statement.kind === 'written' && statement.version === from) edit(edits, manifest, statement, to);
  }
  editPins(edits, manifests, new Set([application]), from, to);
  return applied(edits);
}

/** Where an application says its version: in `src/NAME.app.src`, in `mix.exs`, or in both. */
export function applicationVersions({ own, inner }: ProjectManifests, application: string): StatedVersion[] {
  return statementsOf([...own, ...inner]).filter(
    ({ statement }) => statement.of === 'application' && statement.name === application,
  );
}

function statementsOf(manifests: readonly PlacedManifest[]): StatedVersion[] {
  return manifests.flatMap((manifest) => manifest.versions.map((statement) => ({ manifest, statement })));
}

type Edits = Map<PlacedManifest, Map<WrittenVersion | VersionRequirement, string>>;

function edit(
  edits: Edits,
  manifest: PlacedManifest,
  stated: WrittenVersion | VersionRequirement,
  text: string,
): void {
  const ofManifest = edits.get(manifest) ?? new Map<WrittenVersion | VersionRequirement, string>();
  edits.set(manifest, ofManifest.set(stated, text));
}

/** A release that asks for exactly the old version would no longer find the application. */
function editPins(
  edits: Edits,
  { own }: ProjectManifests,
  applications: ReadonlySet<string>,
  from: string,
  to: string,
): void {
  for (const manifest of own) {
    for (const requirement of manifest.requirements) {
      if (
        requirement.exact &&
        applications.has(requirement.application) &&
        requirement.requirement === from
      ) {
        edit(edits, manifest, requirement, to);
      }
    }
  }
}

function applied(edits: Edits): ChangedManifest[] {
  return [...edits].map(([manifest, ofManifest]) => ({
    path: manifest.path,
    bytes: manifest.replace(ofManifest),
  }));
}

/** What a message says of a version that a build finds out. */
export function describeComputed({ name, by }: ComputedVersion): string {
  // A mix.exs of an umbrella has no application.
  return `the version of ${name === '' ? 'the project' : name} is computed: ${by}`;
}
