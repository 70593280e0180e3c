import { chmod, copyFile, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OtpError } from '../error';
import {
  atom,
  isAtom,
  list,
  listElements,
  printTerm,
  printTermFile,
  readTerms,
  string,
  stringValue,
  tuple,
  tupleOf,
} from '../erlang';
import { errorCode } from '../error-code';
import type { ReleaseTool } from './release-tool';

export interface TargetSystem {
  /** Who made it. */
  readonly tool: ReleaseTool;
  readonly name: string;
  readonly version: string;
  readonly ertsVersion: string;
  /** The file that describes the release, for messages. */
  readonly config: string;
}

/**
 * Adds to a generated target system what release_handler needs to upgrade it and to come back to it:
 * - `releases/VSN/start.boot`, a copy of `NAME.boot`;
 * - `releases/RELEASES` with library paths relative to the root, as `release_handler:create_RELEASES/4` writes them for the
 *   root `""`;
 * - `releases/start_erl.data`.
 *
 * Takes out what differs from one run or machine to the next: dates in `.rel` and `.script`, and write permission for others
 * than the owner.
 * @returns sentences about what is missing and will be missed.
 * @throws OtpError `target-system`.
 */
export async function completeTargetSystem(root: string, system: TargetSystem): Promise<string[]> {
  const releases = join(root, 'releases');
  const folder = join(releases, system.version);
  if (!(await exists(join(folder, 'start.boot')))) {
    await copyFile(join(folder, `${system.name}.boot`), join(folder, 'start.boot')).catch(
      (error: unknown) => {
        throw wrong(`${system.tool} made no releases/${system.version}/${system.name}.boot.`, system, error);
      },
    );
  }
  await removeDates(folder);
  if (!(await exists(join(releases, 'start_erl.data')))) {
    await writeFile(join(releases, 'start_erl.data'), `${system.ertsVersion} ${system.version}\n`);
  }
  await writeFile(join(releases, 'RELEASES'), await releasesFile(root, system));
  await writableByOwnerAlone(root);
  // mix and relx write their own where the project has none.
  return system.tool === 'reltool' ? missingFiles(folder, system) : [];
}

async function releasesFile(root: string, system: TargetSystem): Promise<string> {
  const relFile = join('releases', system.version, `${system.name}.rel`);
  const rel = readTerms(await readFile(join(root, relFile)), relFile).terms[0];
  const [, , erts, applications] = (rel && tupleOf(rel, 'release', 4)?.elements) ?? [];
  const ertsVersion = erts && tupleOf(erts, 'erts', 2)?.elements[1];
  const listed = applications && listElements(applications);
  if (ertsVersion === undefined || listed === undefined)
    throw wrong(`${relFile} is not a release resource file.`, system);
  const libraries = [];
  for (const application of listed) {
    const [name, version] = application.kind === 'tuple' ? application.elements : [];
    const versionText = version && stringValue(version);
    if (name === undefined || !isAtom(name) || versionText === undefined) {
      throw wrong(`${relFile} names an application without its version: ${printTerm(application)}.`, system);
    }
    const folder = await libraryPath(root, `${name.name}-${versionText}`, system);
    libraries.push(tuple(name, string(versionText), string(folder)));
  }
  const release = tuple(
    atom('release'),
    string(system.name),
    string(system.version),
    ertsVersion,
    list(libraries),
    atom('permanent'),
  );
  return printTermFile([list([release])]);
}

async function libraryPath(root: string, library: string, system: TargetSystem): Promise<string> {
  const folder = `lib/${library}`;
  // Beside an archive there may be a folder with what cannot be in one, such as priv.
  if (await exists(join(root, folder, 'ebin'))) return folder;
  // Where the code server finds an archived application.
  if (await exists(join(root, `${folder}.ez`))) return `${folder}.ez/${library}`;
  throw wrong(
    `the release lists ${library}, and ${system.tool} copied no such application.`,
    system,
    undefined,
    system.tool === 'reltool' ? 'Give it {incl_cond, include}.' : undefined,
  );
}

async function removeDates(folder: string): Promise<void> {
  for (const entry of await readdir(folder)) {
    if (!/\.(rel|script)$/.test(entry)) continue;
    const path = join(folder, entry);
    const text = await readFile(path, 'utf8');
    const timeless = text.replace(/^%+ (?:rel|script) generated at .*\n/gm, '');
    if (timeless !== text) await writeFile(path, timeless);
  }
}

async function writableByOwnerAlone(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      await writableByOwnerAlone(path);
    } else if (entry.isFile()) {
      const { mode } = await stat(path);
      if ((mode & 0o022) !== 0) await chmod(path, mode & 0o755);
    }
  }
}

async function missingFiles(folder: string, system: TargetSystem): Promise<string[]> {
  const inRelease = `releases/${system.version}`;
  const sentences: string[] = [];
  const sysConfig = await readFile(join(folder, 'sys.config')).catch(() => undefined);
  if (sysConfig === undefined) {
    if (!(await exists(join(folder, 'sys.config.src')))) {
      sentences.push(
        `${inRelease}/sys.config is missing: after an upgrade every application has the environment of its .app alone. ` +
          `Add {copy, "files/sys.config", "releases/{{rel_vsn}}/sys.config"} to the overlay in ${system.config}.`,
      );
    }
  } else {
    const { terms } = readTerms(sysConfig, `${inRelease}/sys.config`);
    if (terms.length !== 1 || terms[0] === undefined || listElements(terms[0]) === undefined) {
      throw wrong(`${inRelease}/sys.config must be one list, [{Application, [{Key, Value}]}].`, system);
    }
  }
  if (!(await exists(join(folder, 'vm.args')))) {
    sentences.push(
      `${inRelease}/vm.args is missing: the node has no name and no cookie unless its start script gives them. ` +
        `Add {copy, "files/vm.args", "releases/{{rel_vsn}}/vm.args"} to the overlay in ${system.config}.`,
    );
  }
  return sentences;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: unknown) => {
      if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return false;
      throw error;
    },
  );
}

function wrong(problem: string, system: TargetSystem, cause?: unknown, fix?: string): OtpError {
  return new OtpError(problem, {
    code: 'target-system',
    file: system.config,
    cause,
    ...(fix !== undefined && { fix }),
  });
}
