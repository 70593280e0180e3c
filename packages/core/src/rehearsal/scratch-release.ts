import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { OtpError } from '../error';
import { listElements, list, printTerm, readTerms, termsEqual, tuple, tupleOf, type Term } from '../erlang';
import { belongsToRelease } from '../release/content-hash';
import { openReleaseFiles } from '../upgrade/open-installation';

/** Copies a release, from its folder or a tarball of it, to where a node may write into it. */
export async function copyRelease(from: string, to: string): Promise<void> {
  const tree = await openReleaseFiles(from);
  const files = tree.files.filter(({ path }) => belongsToRelease(path) || path === 'releases/COOKIE');
  const modes = new Map(files.map(({ path, mode }) => [path, mode]));
  for (const folder of new Set(files.map(({ path }) => dirname(join(to, path))))) {
    await mkdir(folder, { recursive: true });
  }
  // Where people let their logs go; a release has it, and what is kept of one may have lost it, being empty.
  await mkdir(join(to, 'log'), { recursive: true });
  const executable = (path: string): boolean => ((modes.get(path) ?? 0) & 0o111) !== 0;
  if (tree.kind === 'folder') {
    for (const { path } of files) {
      const target = join(to, path);
      await copyFile(join(tree.origin, path), target);
      // Releases that were brought into the workspace are read-only.
      chmodSync(target, executable(path) ? 0o755 : 0o644);
    }
    return;
  }
  await tree.readMany(
    files.map(({ path }) => path),
    (path, content) => writeFile(join(to, path), content, { mode: executable(path) ? 0o755 : 0o644 }),
  );
}

/** The files below a release that belong to it, sorted, without what a running node writes beside them. */
export function releaseFiles(root: string): string[] {
  if (!existsSync(root)) return [];
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .filter((path) => /^(lib|releases|bin|erts-[^/]+)\//.test(path))
    .sort();
}

/** The terms of a file of configuration that is laid over others. @throws OtpError `rehearsal-config` */
export function readOverlay(file: string): Term {
  if (!existsSync(file)) {
    throw new OtpError('there is no such file of configuration.', {
      code: 'rehearsal-config',
      file,
      fix: 'Write it like a sys.config, [{application, [{key, value}]}], or leave it out.',
    });
  }
  const { terms } = readTerms(readFileSync(file), file);
  const [term] = terms;
  if (term === undefined || terms.length > 1 || entriesOf(term) === undefined) {
    throw new OtpError('expected one list, [{application, [{key, value}]}].', {
      code: 'rehearsal-config',
      file,
      fix: 'Write it like a sys.config.',
    });
  }
  return term;
}

/**
 * Lays configuration over the `sys.config` of a version, in the file itself: release_handler reads it again when it
 * installs that version, and nothing else.
 */
export function layOver(root: string, version: string, overlay: Term): void {
  const file = join(root, 'releases', version, 'sys.config');
  if (!existsSync(file)) return;
  const text = readFileSync(file, 'utf8');
  let present: readonly Term[] | undefined;
  try {
    const [term] = readTerms(text, file).terms;
    present = term && listElements(term);
  } catch (error) {
    if (!(error instanceof OtpError)) throw error;
  }
  if (present === undefined) return;
  // mix says in a comment there whether it is configured at run time.
  const head = text.split('\n').filter((line) => line.startsWith('%%'));
  const merged = mergeConfiguration(present, listElements(overlay) ?? []);
  writeFileSync(file, `${head.map((line) => `${line}\n`).join('')}${printTerm(list(merged))}.\n`);
}

/** `[{App, [{Key, Value}]} | "File"]`, key by key; what is laid over wins. */
export function mergeConfiguration(present: readonly Term[], over: readonly Term[]): Term[] {
  const merged = [...present];
  for (const element of over) {
    const [application, entries] = tupleOf(element, undefined, 2)?.elements ?? [];
    if (application === undefined || entries === undefined) continue;
    const at = merged.findIndex((one) => {
      const name = tupleOf(one, undefined, 2)?.elements[0];
      return name !== undefined && termsEqual(name, application);
    });
    const before = listElements(tupleOf(merged[at] ?? element, undefined, 2)?.elements[1] ?? list([])) ?? [];
    const added = listElements(entries) ?? [];
    const kept = at < 0 ? [] : before.filter((one) => !added.some((other) => sameKey(one, other)));
    const whole = tuple(application, list([...kept, ...added]));
    if (at < 0) merged.push(whole);
    else merged[at] = whole;
  }
  return merged;
}

function sameKey(left: Term, right: Term): boolean {
  const [leftKey] = tupleOf(left, undefined, 2)?.elements ?? [];
  const [rightKey] = tupleOf(right, undefined, 2)?.elements ?? [];
  return leftKey !== undefined && rightKey !== undefined && termsEqual(leftKey, rightKey);
}

function entriesOf(term: Term): readonly Term[] | undefined {
  const elements = listElements(term);
  return elements?.every((element) => tupleOf(element, undefined, 2) !== undefined) === true
    ? elements
    : undefined;
}
