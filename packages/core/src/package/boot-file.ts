import { posix } from 'node:path';
import { OtpError } from '../error';
import {
  decodeExternalTerm,
  encodeExternalTerm,
  listElements,
  readFirstTerm,
  stringValue,
  tupleOf,
  type Term,
} from '../erlang';
import type { Release } from '../release';

/** The boot file of a release, which `release_handler` wants as `start.boot`. */
export interface BootFile {
  /** `releases/VSN/start.boot` */
  readonly path: string;
  readonly content: Buffer;
  /** False where the release has no `start.boot`, and this is another of its boot files. */
  readonly isThere: boolean;
  /** The folders, relative to the root of the release, that it puts into the code path: `lib/dummy-0.2/ebin`. */
  readonly codePath: readonly string[];
}

/**
 * Reads the release's `start.boot`, or else its `NAME.boot`, or else encodes its `NAME.script` as
 * `systools:script2boot/1` does.
 *
 * @throws OtpError `boot-file-missing` when there is none of them; `boot-file` when it is damaged, or boots another
 *   version
 */
export async function readBootFile(release: Release): Promise<BootFile> {
  const { tree, versionPath, name, version } = release;
  const present = new Set(tree.files.map((file) => file.path));
  const path = `${versionPath}/start.boot`;
  const source = [path, `${versionPath}/${name}.boot`, `${versionPath}/${name}.script`].find((file) =>
    present.has(file),
  );
  if (source === undefined) {
    throw new OtpError(
      `neither start.boot nor ${name}.boot is in ${versionPath}: release_handler can't install or go back to ${version} without one.`,
      {
        code: 'boot-file-missing',
        file: release.path,
        fix: 'Generate the release again, with its boot script.',
      },
    );
  }
  const origin = `${tree.origin}/${source}`;
  const stored = await tree.read(source);
  const isText = source.endsWith('.script');
  const term = isText ? readFirstTerm(stored, origin).term : decodeExternalTerm(stored, origin);
  const content = isText ? Buffer.from(encodeExternalTerm(term)) : stored;
  return { path, content, isThere: source === path, codePath: codePathOf(term, origin, release) };
}

function codePathOf(term: Term, file: string, { version }: Release): string[] {
  const wrong = (problem: string): OtpError =>
    new OtpError(problem, {
      code: 'boot-file',
      file,
      fix: 'Generate the release again, with its boot script.',
    });
  const [, nameAndVersion, commands] = tupleOf(term, 'script', 3)?.elements ?? [];
  const booted = nameAndVersion && tupleOf(nameAndVersion, undefined, 2)?.elements[1];
  const bootedVersion = booted && stringValue(booted);
  const listed = commands && listElements(commands);
  if (bootedVersion === undefined || listed === undefined) throw wrong('this is not a boot script.');
  if (bootedVersion !== version)
    throw wrong(`it boots version ${bootedVersion}, and the release is ${version}.`);
  const folders = new Set<string>();
  for (const command of listed) {
    const paths = tupleOf(command, 'path', 2)?.elements[1];
    for (const element of (paths && listElements(paths)) ?? []) {
      const folder = relativeToRoot(stringValue(element));
      if (folder !== undefined) folders.add(folder);
    }
  }
  return [...folders];
}

/**
 * `$RELEASE_LIB` is what mix writes for `$ROOT/lib`, and `$RELEASE_LIB/../releases/VSN/consolidated` is where it keeps
 * consolidated protocols. What begins otherwise lies outside of the release.
 */
function relativeToRoot(path: string | undefined): string | undefined {
  const [, place, rest] = /^\$(ROOT|RELEASE_LIB)\/(.+)$/.exec(path ?? '') ?? [];
  if (rest === undefined) return undefined;
  const folder = posix.normalize(place === 'ROOT' ? rest : `lib/${rest}`);
  return folder.startsWith('../') ? undefined : folder;
}
