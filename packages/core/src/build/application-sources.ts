import { stat } from 'node:fs/promises';
import { basename, dirname, join, posix } from 'node:path';
import { OtpError } from '../error';
import {
  readTerms,
  stringValue,
  listElements,
  tuple,
  atom,
  string,
  isAtom,
  tupleOf,
  type Term,
  type TermFile,
} from '../erlang';
import { errorCode } from '../error-code';
import { loadGlob } from '../load-glob';
import { parseResourceSource, type ResourceSource } from './resource-source';
import { readInput } from './read-input';
import { inApplicationFolders } from './application-folders';
import { noRebarConfig, readRebarConfig, type RebarConfig } from './rebar-config';
import type { NamedFolder } from './run-compiler';

/** An OTP application as it lies in a project. Paths have `/` and are relative to the project's root. */
export interface ApplicationSources {
  readonly name: string;
  /** `.` for an application that is the project itself. */
  readonly folder: string;
  readonly resource: ResourceSource;
  /** Every `.erl`, `.yrl` and `.xrl` file, sorted. */
  readonly sources: readonly string[];
  /** `src/NAME.appup` or `src/NAME.appup.src`, where there is one. */
  readonly appup: string | undefined;
  /** For `compile:file/2`; without includes. */
  readonly compilerOptions: readonly Term[];
  /** Modules to be compiled before all others of the application. */
  readonly firstModules: readonly string[];
}

export interface ProjectSources {
  /** Sorted by folder. */
  readonly applications: readonly ApplicationSources[];
  /** Sentences about what the project asks for and is not done. */
  readonly warnings: readonly string[];
}

/**
 * The OTP applications of a project: folders with a `src/*.app.src`, which may be the project itself, `apps/*`, `lib/*`,
 * or, where the project's `rebar.config` has `sub_dirs`, these and theirs.
 * @throws OtpError `no-application`; `app-src`; `rebar-config`; `duplicate-module`.
 */
export async function readProjectSources(projectRoot: string): Promise<ProjectSources> {
  const projectConfig = await readRebarConfig(projectRoot, '.');
  const applications: ApplicationSources[] = [];
  const configs = new Map([[projectConfig.file, projectConfig]]);
  for (const folder of await applicationFolders(projectRoot, projectConfig)) {
    const config = await readRebarConfig(projectRoot, folder);
    configs.set(config.file, config);
    applications.push(await readApplication(projectRoot, folder, projectConfig, config));
  }
  if (applications.length === 0) {
    throw new OtpError(`there is no OTP application in ${projectRoot}.`, {
      code: 'no-application',
      fix: 'An application has a file src/NAME.app.src; it is looked for in the folder itself, in apps/*, in lib/*, or in the sub_dirs of rebar.config.',
    });
  }
  refuseDuplicates(applications);
  return { applications, warnings: notHonoured([...configs.values()]) };
}

function notHonoured(configs: readonly RebarConfig[]): string[] {
  return configs
    .filter((config) => config.notHonoured.length > 0)
    .map(
      (config) =>
        `${config.file}: ${config.notHonoured.join(', ')} of rebar not honoured: only Erlang sources are compiled.`,
    );
}

/**
 * One application of a workspace, in a folder of its own. Where that folder is one of those in which a `rebar.config` above
 * it expects applications (`umbrellaOf`), its compiler options count as they do for rebar.
 * @param folder relative to the workspace root
 * @returns paths are relative to the workspace root
 * @throws OtpError `no-application`; `app-src`; `rebar-config`; `duplicate-module`.
 */
export async function readWorkspaceApplication(
  workspaceRoot: string,
  folder: string,
): Promise<{ readonly application: ApplicationSources; readonly warnings: readonly string[] }> {
  if ((await resourceFiles(workspaceRoot, folder)).length === 0) {
    throw new OtpError(`there is no OTP application in ${folder}.`, {
      code: 'no-application',
      fix: 'An application has a file src/NAME.app.src.',
    });
  }
  const own = await readRebarConfig(workspaceRoot, folder);
  const umbrella = await umbrellaOf(workspaceRoot, folder);
  const application = await readApplication(workspaceRoot, folder, umbrella ?? noRebarConfig, own);
  refuseDuplicates([application]);
  return { application, warnings: notHonoured(umbrella === undefined ? [own] : [umbrella, own]) };
}

/** The `rebar.config` of the nearest folder above that expects an application in this one. */
async function umbrellaOf(workspaceRoot: string, folder: string): Promise<RebarConfig | undefined> {
  for (let above = folder; above !== '.';) {
    above = posix.dirname(above);
    const config = await readRebarConfig(workspaceRoot, above);
    if (config.isThere && expectsApplication(config, posix.relative(above, folder))) return config;
  }
  return undefined;
}

function expectsApplication(config: RebarConfig, folder: string): boolean {
  return inApplicationFolders(folder, config.subFolders ?? config.applicationFolders);
}

/**
 * The applications in folders, by what their `.app.src` are called: of each the one that it is, and those that a project
 * has in `apps` and `lib`.
 * @param folders absolute
 */
export async function namedLibraries(folders: readonly string[]): Promise<NamedFolder[]> {
  const named: NamedFolder[] = [];
  for (const folder of folders) {
    const glob = await loadGlob();
    const files = await glob(['src/*.app.src', '{apps,lib}/*/src/*.app.src'], { cwd: folder });
    for (const file of files.sort()) {
      named.push({ name: basename(file, '.app.src'), folder: join(folder, dirname(dirname(file))) });
    }
  }
  return named;
}

async function applicationFolders(projectRoot: string, config: RebarConfig): Promise<string[]> {
  const found = new Set<string>();
  const seen = new Set<string>();
  const visit = async (folder: string, subFolders: readonly string[] | undefined): Promise<void> => {
    if (seen.has(folder)) return;
    seen.add(folder);
    if ((await resourceFiles(projectRoot, folder)).length > 0) found.add(folder);
    if (subFolders === undefined) return;
    const patterns = subFolders.map((pattern) =>
      posix.normalize(posix.join(folder, pattern)).replace(/\/$/, ''),
    );
    for (const inside of await folders(projectRoot, patterns)) {
      await visit(inside, (await readRebarConfig(projectRoot, inside)).subFolders);
    }
  };
  await visit('.', config.subFolders ?? ['apps/*', 'lib/*']);
  return [...found].sort();
}

async function folders(projectRoot: string, patterns: readonly string[]): Promise<string[]> {
  const glob = await loadGlob();
  const literal: string[] = [];
  const dynamic: string[] = [];
  for (const pattern of patterns) {
    if (glob.isDynamicPattern(pattern)) dynamic.push(pattern);
    else if (await isFolder(join(projectRoot, pattern))) literal.push(pattern);
  }
  const matches =
    dynamic.length === 0 ? [] : await glob(dynamic, { cwd: projectRoot, onlyDirectories: true });
  return [...literal, ...matches].sort();
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    (error: unknown) => {
      if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return false;
      throw error;
    },
  );
}

async function resourceFiles(projectRoot: string, folder: string): Promise<string[]> {
  const glob = await loadGlob();
  const files = await glob('src/*.app.src', { cwd: join(projectRoot, folder) });
  return files.map((file) => posix.join(folder, file)).sort();
}

async function readApplication(
  projectRoot: string,
  folder: string,
  project: RebarConfig,
  config: RebarConfig,
): Promise<ApplicationSources> {
  const [resourceFile = '', second] = await resourceFiles(projectRoot, folder);
  if (second !== undefined) {
    throw new OtpError(
      `a folder holds one application, and here is a second beside ${basename(resourceFile)}.`,
      {
        code: 'app-src',
        file: second,
      },
    );
  }
  const resource = parseResourceSource(await resourceTerms(projectRoot, resourceFile));
  // The application that is the project itself has one rebar.config.
  const own = project.file === config.file ? [] : config.compilerOptions;
  const options = [...project.compilerOptions.filter((option) => !isRedefined(option, own)), ...own];
  const sources = await sourceFiles(projectRoot, folder, sourceFolders(options));
  refuseMissingCallback(resource, sources);
  return {
    name: resource.name,
    folder,
    resource,
    sources,
    appup: await appupSource(projectRoot, posix.join(folder, 'src', `${resource.name}.appup`)),
    compilerOptions: compilerOptions(options, folder),
    firstModules: [...(project.file === config.file ? [] : project.firstFiles), ...config.firstFiles].map(
      moduleName,
    ),
  };
}

async function appupSource(projectRoot: string, appup: string): Promise<string | undefined> {
  const [plain, template] = await Promise.all(
    [appup, `${appup}.src`].map((file) =>
      stat(join(projectRoot, file)).then(
        () => file,
        () => undefined,
      ),
    ),
  );
  if (plain !== undefined && template !== undefined) {
    throw new OtpError(
      `there is also ${basename(plain)}, and both would become the appup of the application.`,
      {
        code: 'appup-src',
        file: template,
        fix: 'Keep one of them.',
      },
    );
  }
  return plain ?? template;
}

/** The node would boot up to this application and stop there. */
function refuseMissingCallback(resource: ResourceSource, sources: readonly string[]): void {
  const value = resource.properties.find(([key]) => key === 'mod')?.[1];
  const module = value && tupleOf(value, undefined, 2)?.elements[0];
  if (module === undefined || !isAtom(module)) return;
  if (sources.some((source) => moduleName(source) === module.name)) return;
  throw new OtpError(
    `{mod, {${module.name}, _}} starts a module that is not one of the application ${resource.name}.`,
    {
      code: 'app-src',
      file: resource.file,
      fix: `Name the module with the behaviour application, or add ${module.name}.erl to its sources.`,
    },
  );
}

async function resourceTerms(projectRoot: string, file: string): Promise<TermFile> {
  const bytes = await readInput(join(projectRoot, file), file);
  if (bytes === undefined) throw new OtpError('the file is a link to nowhere.', { code: 'app-src', file });
  return readTerms(bytes, file);
}

async function sourceFiles(
  projectRoot: string,
  folder: string,
  inFolders: readonly string[],
): Promise<string[]> {
  const glob = await loadGlob();
  const patterns = inFolders.map((inFolder) => `${glob.escapePath(inFolder)}/**/*.{erl,yrl,xrl}`);
  const files = (await glob(patterns, { cwd: join(projectRoot, folder) })).sort();
  // rebar leaves what yecc and leex make beside their sources.
  const grammars = new Set(files.filter((file) => !file.endsWith('.erl')).map((file) => file.slice(0, -4)));
  return files
    .filter((file) => !(file.endsWith('.erl') && grammars.has(file.slice(0, -4))))
    .map((file) => posix.join(folder, file));
}

function sourceFolders(options: readonly Term[]): readonly string[] {
  const named = options.flatMap((option) => {
    const value = tupleOf(option, 'src_dirs', 2)?.elements[1];
    return value === undefined
      ? []
      : (listElements(value) ?? []).flatMap((element) => stringValue(element) ?? []);
  });
  return [...new Set(['src', ...named.map((folder) => posix.normalize(folder).replace(/\/$/, ''))])];
}

/** Whether `own` defines the same macro, which the compiler would take for a mistake. */
function isRedefined(option: Term, own: readonly Term[]): boolean {
  const name = macroName(option);
  return name !== undefined && own.some((other) => macroName(other) === name);
}

function macroName(option: Term): string | undefined {
  const name = tupleOf(option, 'd')?.elements[1];
  return name !== undefined && isAtom(name) ? name.name : undefined;
}

/** What decides where results and messages go is ours; everything else is for the compiler to judge. */
const optionsOfOurs = new Set([
  'binary',
  'deterministic',
  'outdir',
  'report',
  'report_errors',
  'report_warnings',
  'return',
  'return_errors',
  'return_warnings',
  'src_dirs',
  'verbose',
]);

function compilerOptions(options: readonly Term[], folder: string): Term[] {
  const kept = options.filter((option) => {
    const tag = option.kind === 'tuple' ? option.elements[0] : option;
    return tag === undefined || !isAtom(tag) || !optionsOfOurs.has(tag.name);
  });
  const withIncludes = kept.flatMap((option): Term[] => {
    const include = tupleOf(option, 'i', 2)?.elements[1];
    const path = include && stringValue(include);
    if (path === undefined || posix.isAbsolute(path)) return [option];
    // rebar compiles in the folder of the application; a project's own options are often meant from its root.
    return [posix.join(folder, path), path].map((each) => tuple(atom('i'), string(each)));
  });
  const noDebugInfo = kept.some((option) => isAtom(option, 'no_debug_info'));
  return noDebugInfo || kept.some((option) => isAtom(option, 'debug_info'))
    ? withIncludes
    : [...withIncludes, atom('debug_info')];
}

function refuseDuplicates(applications: readonly ApplicationSources[]): void {
  const byName = new Map<string, string>();
  const byModule = new Map<string, string>();
  for (const { name, resource, sources } of applications) {
    const other = byName.get(name);
    if (other !== undefined) {
      throw new OtpError(`application ${name} is also in ${other}.`, {
        code: 'duplicate-application',
        file: resource.file,
      });
    }
    byName.set(name, resource.file);
    for (const source of sources) {
      const same = byModule.get(moduleName(source));
      if (same !== undefined) {
        throw new OtpError(
          `module ${moduleName(source)} is also in ${same}: a node can load only one of them.`,
          {
            code: 'duplicate-module',
            file: source,
          },
        );
      }
      byModule.set(moduleName(source), source);
    }
  }
}

/** The module that a source file must define. */
export function moduleName(source: string): string {
  return posix.basename(source).replace(/\.[^.]*$/, '');
}
