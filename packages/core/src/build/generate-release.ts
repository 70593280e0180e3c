import { rm } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import glob from 'fast-glob';
import { OtpError } from '../error';
import { atom, atomName, listElements, map, string, stringValue, tupleOf, type Term } from '../erlang';
import { collectReleaseFacts, writeReleaseFacts } from '../facts';
import { refuseForeignFolder } from '../output/output-path';
import { folderBeside, removeLeftovers, replaceFolder } from '../output/replace-folder';
import { readRelease, type FileTree } from '../release';
import { openFolder } from '../release/folder-tree';
import { applyOverlay } from './apply-overlay';
import { completeTargetSystem } from './complete-target-system';
import { readReltoolConfig, type ReltoolConfig } from './reltool-config';
import { runErlang } from './run-erlang';

export interface GenerateOptions {
  /** The folder of the project. */
  readonly projectRoot: string;
  /** Relative to the project; `rel/reltool.config` where absent. */
  readonly config?: string;
  /** The folder of the release; it is replaced. */
  readonly outputPath: string;
  readonly signal?: AbortSignal;
}

export interface GeneratedRelease {
  /** Absolute. */
  readonly path: string;
  readonly name: string;
  readonly version: string;
  /** Sentences: reltool's, and what release_handler will miss. */
  readonly warnings: readonly string[];
}

/**
 * Makes a target system of the applications that are compiled already: reltool's, rebar's overlays over it, and what
 * release_handler needs from the first release on (`completeTargetSystem`). `target_dir` of the configuration is where rebar
 * would put it; it goes to `outputPath`. The same inputs give the same bytes. A failure or a killed process leaves the old
 * release or none.
 * @throws OtpError `reltool-config`, `overlay`, `template-variable`, `reltool`, `target-system`; those of `runErlang`.
 */
export async function generateRelease(options: GenerateOptions): Promise<GeneratedRelease> {
  const projectRoot = resolve(options.projectRoot);
  const path = resolve(options.outputPath);
  const config = await readReltoolConfig(
    resolve(projectRoot, options.config ?? 'rel/reltool.config'),
    projectRoot,
  );
  refuseReplacing(path, [projectRoot, config.folder]);
  await refuseForeignFolder(path, (entries) => entries.includes('releases'));
  await removeLeftovers(path);
  const made = await folderBeside(path);
  try {
    const { ertsVersion, warnings } = await runReltool(config, made, options.signal);
    await applyOverlay(config, {
      made,
      path,
      ertsVersion,
      ...(options.signal !== undefined && { signal: options.signal }),
    });
    const missing = await completeTargetSystem(made, {
      tool: 'reltool',
      name: config.name,
      version: config.version,
      ertsVersion,
      config: config.file,
    });
    await keepFacts(made, projectRoot);
    await replaceFolder(made, path);
    return { path, name: config.name, version: config.version, warnings: [...warnings, ...missing] };
  } finally {
    await rm(made, { recursive: true, force: true });
  }
}

/**
 * @param path of a release, to be replaced
 * @throws OtpError `output-path`
 */
export function refuseReplacing(path: string, inputs: readonly string[]): void {
  for (const input of inputs) {
    if (!relative(path, input).startsWith('..')) {
      throw new OtpError(`the release would replace ${input}, of which it is made.`, {
        code: 'output-path',
        fix: 'Choose another outputPath.',
      });
    }
  }
}

/**
 * Leaves in the release what an upgrade from it will want to know, and what stripping destroys. The beams in the project,
 * from which the release was made, tell where those in the release do not.
 */
async function keepFacts(made: string, projectRoot: string): Promise<void> {
  const release = await readRelease(made);
  const unstripped = new Map<string, FileTree>();
  for (const file of await glob(['ebin/*.app', '{apps,lib}/*/ebin/*.app'], { cwd: projectRoot })) {
    unstripped.set(basename(file, '.app'), await openFolder(join(projectRoot, dirname(file))));
  }
  await writeReleaseFacts(release, await collectReleaseFacts(release, { unstripped }));
}

async function runReltool(
  config: ReltoolConfig,
  made: string,
  signal: AbortSignal | undefined,
): Promise<{ ertsVersion: string; warnings: readonly string[] }> {
  const { term } = await runErlang({
    module: 'nx_otp_reltool',
    folder: config.folder,
    request: () =>
      map([
        [atom('sys'), config.sys],
        [atom('folder'), string(config.folder)],
        [atom('target'), string(made)],
      ]),
    ...(signal !== undefined && { signal }),
  });
  const answer = tupleOf(term, 'ok', 2)?.elements[1];
  if (answer?.kind !== 'map') {
    const reason = tupleOf(term, 'error', 2)?.elements[1];
    const problem = (reason && textOf(reason)) ?? 'no release was made';
    throw new OtpError(`reltool: ${problem}`.replace(/[^.]$/, '$&.'), {
      code: 'reltool',
      file: config.file,
      ...(problem.includes('non existing application') && {
        fix: 'Compile it first, and name the folder that it lies in among the lib_dirs.',
      }),
    });
  }
  const field = (name: string): Term | undefined =>
    answer.entries.find(([key]) => atomName(key) === name)?.[1];
  const erts = field('erts');
  const warnings = field('warnings');
  return {
    ertsVersion: (erts && stringValue(erts)) ?? '',
    warnings: ((warnings && listElements(warnings)) ?? []).map(
      (warning) => `reltool: ${textOf(warning) ?? ''}`,
    ),
  };
}

function textOf(term: Term): string | undefined {
  return term.kind === 'binary' ? new TextDecoder().decode(term.bytes) : stringValue(term);
}
