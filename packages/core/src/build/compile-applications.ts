import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { replaceFolder } from '../output/replace-folder';
import { inOrderOfDependencies } from './application-order';
import { moduleName, namedLibraries, readProjectSources } from './application-sources';
import { completeEbin } from './complete-ebin';
import { beginCompiling, didNotCompile, runCompiler, type Compiling } from './run-compiler';

export interface CompileOptions {
  /** The folder of the project. */
  readonly projectRoot: string;
  /**
   * The folders of applications beside the project that it may use, compiled already: their headers, behaviours and parse
   * transforms.
   */
  readonly libraries?: readonly string[];
  readonly signal?: AbortSignal;
}

export interface CompiledApplications {
  /** Each after those that it needs. */
  readonly applications: readonly CompiledApplication[];
  /** The compiler's warnings as it prints them, and ours; empty when there are none. */
  readonly warnings: string;
}

export interface CompiledApplication {
  readonly name: string;
  readonly version: string;
  /** The absolute path of its `ebin`. */
  readonly ebin: string;
  /** Sorted. */
  readonly modules: readonly string[];
}

/**
 * Compiles every OTP application of a project to its `ebin`, in one Erlang VM. The same sources give the same bytes,
 * wherever they lie. Files in `ebin` that are neither beams nor the `.app` stay. Nothing is changed unless everything
 * compiles.
 * @throws OtpError `compile-failed`, whose message is what the compiler prints; those of `readProjectSources`; those of
 * `runErlang`.
 */
export async function compileApplications(options: CompileOptions): Promise<CompiledApplications> {
  const projectRoot = resolve(options.projectRoot);
  const { applications, warnings } = await readProjectSources(projectRoot);
  const compiling: Compiling[] = [];
  try {
    const inOrder = inOrderOfDependencies(applications);
    const names = inOrder.map(({ name, folder }) => ({ name, folder: join(projectRoot, folder) }));
    const libraries = await namedLibraries(options.libraries ?? []);
    for (const application of inOrder) {
      compiling.push(await beginCompiling(projectRoot, application, [...names, ...libraries]));
    }
    const results = await runCompiler(projectRoot, compiling, {
      ...(options.signal !== undefined && { signal: options.signal }),
    });
    const failed = results.filter((result) => result.failed).length;
    const said = results.map(({ text }) => text).join('');
    if (failed > 0) throw didNotCompile(said, failed);
    for (const each of compiling) await completeEbin(projectRoot, each);
    for (const { made, ebin } of compiling) await replaceFolder(made, ebin);
    return {
      applications: compiling.map(compiledApplication),
      warnings: [...warnings.map((warning) => `${warning}\n`), said].join(''),
    };
  } finally {
    for (const { made } of compiling) await rm(made, { recursive: true, force: true });
  }
}

export function compiledApplication({ application, ebin }: Compiling): CompiledApplication {
  return {
    name: application.name,
    version: application.resource.version,
    ebin,
    modules: application.sources.map(moduleName).sort(),
  };
}
