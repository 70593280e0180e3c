import { isUtf8 } from 'node:buffer';
import { OtpError } from '../error';
import { ElixirSource, type Entry, type Stretch, type StringToken } from './elixir-source';
import {
  checkVersion,
  isVersion,
  type Manifest,
  type VersionRequirement,
  type VersionStatement,
  type WrittenVersion,
} from './manifest';

/**
 * `mix.exs`: the versions of the releases that give themselves one, the version of the project, and of the dependencies. A
 * version may stand in the list itself, in a module attribute, or in a function without parameters.
 * @throws OtpError `mix-exs`
 */
export function mixManifest(bytes: Uint8Array, file: string): Manifest {
  if (!isUtf8(bytes)) {
    throw new OtpError('the file is not UTF-8, and Elixir reads nothing else.', { code: 'mix-exs', file });
  }
  const source = new ElixirSource(Buffer.from(bytes).toString('utf8'), file);
  const places = new Map<WrittenVersion | VersionRequirement, StringToken>();
  const project = projectOf(source);
  const versions = project === undefined ? [] : versionsOf(source, project, places);
  const requirements = requirementsOf(source, places);
  return { file, versions, requirements, replace: (edits) => replaced(source, places, edits) };
}

type Places = Map<WrittenVersion | VersionRequirement, StringToken>;

/** The keyword list that `project/0` is: the one with `app:`, or with `apps_path:` for an umbrella. */
function projectOf(source: ElixirSource): ReadonlyMap<string, Stretch> | undefined {
  for (const body of source.functions('project')) {
    for (const opening of source.lists(body)) {
      const entries = keywords(source.entries(opening) ?? []);
      if (entries.has('app') || entries.has('apps_path')) return entries;
    }
  }
  return undefined;
}

/** By key; the first where one stands twice. */
function keywords(entries: readonly Entry[]): Map<string, Stretch> {
  return new Map(
    [...entries].reverse().flatMap(({ key, value }) => (key === undefined ? [] : [[key, value] as const])),
  );
}

function versionsOf(
  source: ElixirSource,
  project: ReadonlyMap<string, Stretch>,
  places: Places,
): VersionStatement[] {
  const app = project.get('app');
  const name = (app && atomAt(source, app)) ?? '';
  const releases = project.get('releases');
  const listed = releases && source.list(releases);
  const found = (listed === undefined ? [] : (source.entries(listed) ?? [])).flatMap(({ key, value }) => {
    const settings = source.list(value);
    const version =
      settings === undefined ? undefined : keywords(source.entries(settings) ?? []).get('version');
    return key === undefined || version === undefined
      ? []
      : [statement(source, 'release', key, version, places)];
  });
  const version = project.get('version');
  return version === undefined ? found : [...found, statement(source, 'application', name, version, places)];
}

function statement(
  source: ElixirSource,
  of: 'application' | 'release',
  name: string,
  value: Stretch,
  places: Places,
): VersionStatement {
  const token = source.string(value);
  const position = source.positionAt((token ?? source.tokens[value.from])?.start ?? 0);
  const subject = { of, name, position };
  if (token === undefined || !isVersion(token.value)) {
    const application = fromApp(source, value);
    return {
      kind: 'computed',
      ...subject,
      by: source.code(value),
      ...(application !== undefined && { application }),
    };
  }
  const written: WrittenVersion = { kind: 'written', ...subject, version: token.value };
  places.set(written, token);
  return written;
}

/** The application of `{:from_app, :name}`. */
function fromApp(source: ElixirSource, { from }: Stretch): string | undefined {
  const [tag, application, more] = source.entries(from) ?? [];
  if (tag === undefined || application === undefined || more !== undefined) return undefined;
  return atomAt(source, tag.value) === 'from_app' ? atomAt(source, application.value) : undefined;
}

/** `{:name, "~> 0.1", ...}`, wherever it stands: dependencies are often gathered by several functions. */
function requirementsOf(source: ElixirSource, places: Places): VersionRequirement[] {
  return source.tuples().flatMap((opening) => {
    const [first, second] = source.entries(opening) ?? [];
    const application = first && atomAt(source, first.value);
    const token = second?.key === undefined && second !== undefined ? source.string(second.value) : undefined;
    if (application === undefined || token === undefined || !/\d/.test(token.value)) return [];
    const position = source.positionAt(token.start);
    const found: VersionRequirement = {
      kind: 'requirement',
      application,
      requirement: token.value,
      exact: false,
      position,
    };
    places.set(found, token);
    return [found];
  });
}

function atomAt(source: ElixirSource, { from, to }: Stretch): string | undefined {
  const token = source.tokens[from];
  return to === from + 1 && token?.kind === 'atom' ? token.name : undefined;
}

function replaced(
  source: ElixirSource,
  places: Places,
  edits: ReadonlyMap<WrittenVersion | VersionRequirement, string>,
): Buffer {
  // Two releases may take their version from one place.
  const texts = new Map<number, { token: StringToken; text: string }>();
  for (const [stated, text] of edits) {
    if (stated.kind === 'written') {
      checkVersion(text, source.file);
      if (stated.of === 'application') checkMixVersion(text, source.file);
    }
    const token = places.get(stated);
    if (token === undefined) throw new Error(`what is to be replaced was not read from ${source.file}`);
    texts.set(token.start, { token, text });
  }
  let result = '';
  let copied = 0;
  for (const { token, text } of [...texts.values()].sort((a, b) => a.token.start - b.token.start)) {
    result += source.text.slice(copied, token.start + 1) + text;
    copied = token.end - 1;
  }
  return Buffer.from(result + source.text.slice(copied), 'utf8');
}

/** `mix` stops at any other version of a project (`Version.parse/1`). */
function checkMixVersion(version: string, file: string): void {
  if (
    /^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/.test(version)
  )
    return;
  throw new OtpError(`mix does not take ${version} as the version of a project.`, {
    code: 'version',
    file,
    fix: 'Give it three numbers, such as 0.2.0, and what semantic versioning allows after them.',
  });
}
