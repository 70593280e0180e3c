import { cp, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { OtpError } from '../error';
import { folderBeside, replaceFolder } from '../output/replace-folder';
import { inOrderOfDependencies } from './application-order';
import {
  moduleName,
  namedLibraries,
  readWorkspaceApplication,
  type ApplicationSources,
} from './application-sources';
import { compiledApplication, type CompiledApplication } from './compile-applications';
import { completeEbin } from './complete-ebin';
import {
  beginCompiling,
  didNotCompile,
  runCompiler,
  type Compiling,
  type SourceResult,
} from './run-compiler';

/** An application to be compiled; folders are relative to the workspace root, with `/`. */
export interface WorkspaceApplication {
  readonly folder: string;
  /**
   * The folders of all applications that it may use when it is compiled, directly or by others. Those that are not
   * compiled along with it are compiled already.
   */
  readonly libraries: readonly string[];
}

export interface CompileWorkspaceOptions {
  readonly workspaceRoot: string;
  readonly applications: readonly WorkspaceApplication[];
  /** Is given the result of each application as soon as it and all that it needs are compiled. */
  readonly settled?: (result: CompileResult) => void;
  readonly signal?: AbortSignal;
}

/** What became of one application. */
export type CompileResult =
  | {
      readonly kind: 'compiled';
      readonly folder: string;
      readonly application: CompiledApplication;
      /** As `CompiledApplications` has them. */
      readonly warnings: string;
    }
  | { readonly kind: 'failed'; readonly folder: string; readonly error: OtpError }
  /** It was not to be compiled without `needs`, a folder whose application failed or was skipped itself. */
  | { readonly kind: 'skipped'; readonly folder: string; readonly needs: string };

/**
 * Compiles applications of a workspace, each to its `ebin`, in one Erlang VM. An application is changed as a whole or not
 * at all; one that fails takes those that need it with it, and no others. Each sees the headers of what it says it
 * needs, and nothing else, whoever is compiled along with it, so that the same sources give the same bytes.
 * @returns in the order in which they were settled: each after those that it needs
 * @throws OtpError those of `runErlang`; `application-cycle`. What is wrong with one application is its result.
 */
export async function compileWorkspace(options: CompileWorkspaceOptions): Promise<CompileResult[]> {
  const workspaceRoot = resolve(options.workspaceRoot);
  const results = new Map<string, CompileResult>();
  const settle = (result: CompileResult): void => {
    results.set(result.folder, result);
    options.settled?.(result);
  };
  const waiting: Waiting[] = [];
  for (const { folder, libraries } of inOrder(options.applications)) {
    try {
      waiting.push({ folder, libraries, ...(await readWorkspaceApplication(workspaceRoot, folder)) });
    } catch (error) {
      settle({ kind: 'failed', folder, error: mistake(error) });
    }
  }
  // A node can load only one module of a name, and the VM that compiles is a node.
  for (const group of withoutSameModules(waiting)) {
    await compileGroup(workspaceRoot, group, { results, settle, signal: options.signal });
  }
  return [...results.values()];
}

interface Waiting extends WorkspaceApplication {
  readonly application: ApplicationSources;
  readonly warnings: readonly string[];
}

interface Settling {
  readonly results: ReadonlyMap<string, CompileResult>;
  readonly settle: (result: CompileResult) => void;
  readonly signal: AbortSignal | undefined;
}

async function compileGroup(
  workspaceRoot: string,
  group: readonly Waiting[],
  { results, settle, signal }: Settling,
): Promise<void> {
  const begun: { readonly waiting: Waiting; readonly compiling: Compiling }[] = [];
  const said = new Map<string, SourceResult>();
  /** Those whose sources are all compiled, after those that they need. */
  const settleReady = async (): Promise<void> => {
    for (const { waiting, compiling } of begun) {
      const { folder, libraries, application } = waiting;
      if (results.has(folder)) continue;
      const needs = libraries.find((library) => isMissing(results.get(library)));
      if (needs !== undefined) {
        settle({ kind: 'skipped', folder, needs });
        continue;
      }
      const together = begun.some(
        (other) => libraries.includes(other.waiting.folder) && !results.has(other.waiting.folder),
      );
      const own = application.sources.flatMap((source) => said.get(source) ?? []);
      if (together || own.length < application.sources.length) continue;
      settle(await resultOf(workspaceRoot, waiting, compiling, own));
    }
  };
  let settled = Promise.resolve();
  try {
    for (const waiting of group) {
      if (waiting.libraries.some((library) => isMissing(results.get(library)))) continue;
      const libraries = [waiting.folder, ...waiting.libraries].map((folder) => join(workspaceRoot, folder));
      const compiling = await beginCompiling(
        workspaceRoot,
        waiting.application,
        await namedLibraries(libraries),
      );
      begun.push({ waiting, compiling });
    }
    const all = await runCompiler(
      workspaceRoot,
      begun.map(({ compiling }) => compiling),
      {
        told: (result) => {
          said.set(result.path, result);
          settled = settled.then(settleReady);
          // Whoever awaits the whole is told.
          settled.catch(() => undefined);
        },
        ...(signal !== undefined && { signal }),
      },
    );
    for (const result of all) said.set(result.path, result);
    await settled;
    await settleReady();
  } finally {
    await settled.catch(() => undefined);
    for (const { compiling } of begun) await rm(compiling.made, { recursive: true, force: true });
  }
  for (const { folder, libraries } of group) {
    const needs = libraries.find((library) => isMissing(results.get(library)));
    if (!results.has(folder) && needs !== undefined) settle({ kind: 'skipped', folder, needs });
  }
}

function isMissing(result: CompileResult | undefined): boolean {
  return result !== undefined && result.kind !== 'compiled';
}

async function resultOf(
  workspaceRoot: string,
  { folder, application, warnings }: Waiting,
  compiling: Compiling,
  said: readonly SourceResult[],
): Promise<CompileResult> {
  const text = said.map((result) => result.text).join('');
  const failed = said.filter((result) => result.failed).length;
  if (failed > 0) return { kind: 'failed', folder, error: didNotCompile(text, failed) };
  try {
    await completeEbin(workspaceRoot, compiling);
    // Others may be compiled with what lies in `made`: it stays there until all are.
    const copy = await folderBeside(compiling.ebin);
    try {
      await cp(compiling.made, copy, { recursive: true });
      await replaceFolder(copy, compiling.ebin);
    } finally {
      await rm(copy, { recursive: true, force: true });
    }
  } catch (error) {
    return { kind: 'failed', folder, error: mistake(error) };
  }
  return {
    kind: 'compiled',
    folder,
    application: compiledApplication({ ...compiling, application }),
    warnings: [...warnings.map((warning) => `${warning}\n`), text].join(''),
  };
}

/** What is none of the user's is a defect of ours, and ends everything. */
function mistake(error: unknown): OtpError {
  if (error instanceof OtpError) return error;
  throw error;
}

function inOrder(applications: readonly WorkspaceApplication[]): WorkspaceApplication[] {
  return inOrderOfDependencies(
    applications.map((application) => ({
      ...application,
      name: application.folder,
      resource: { file: application.folder, dependencies: application.libraries },
    })),
  );
}

/** Splits the applications, in their order, where a module of one is also in another. */
function withoutSameModules(waiting: readonly Waiting[]): Waiting[][] {
  const groups: Waiting[][] = [];
  let modules = new Set<string>();
  for (const each of waiting) {
    const own = each.application.sources.map(moduleName);
    if (groups.length === 0 || own.some((module) => modules.has(module))) {
      groups.push([]);
      modules = new Set();
    }
    groups.at(-1)?.push(each);
    for (const module of own) modules.add(module);
  }
  return groups;
}
