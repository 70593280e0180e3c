import { copyFile, mkdir, readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { errorCode } from '../error-code';
import { OtpError } from '../error';
import { assembleRelease, type AssembledRelease } from './assemble-release';
import { forgetMixProject } from './fresh-build';
import { runTool, type ToolResult } from './run-tool';
import { versionAdvice } from './wrong-version';

export interface MixProject {
  /** The folder of the project or the umbrella, with its `mix.exs`. */
  readonly projectRoot: string;
  /** `MIX_ENV`; where absent that of this process, else `prod`. */
  readonly environment?: string;
  readonly signal?: AbortSignal;
}

export interface GenerateMixReleaseOptions extends MixProject {
  /** The folder of the release; it is replaced. */
  readonly outputPath: string;
  /** Which of several in `releases:`; mix needs none where there is one, or a `default_release:`. */
  readonly name?: string;
  /**
   * `MIX_BUILD_PATH`, for nobody else: what is compiled of fetched dependencies stays there for the next run. A folder that
   * is gone afterwards where absent.
   */
  readonly buildPath?: string;
}

export interface CompileMixOptions extends MixProject {
  /** As for a release, and not the same. */
  readonly buildPath: string;
}

/**
 * Makes a release by `mix release`, and adds what mix leaves out and an upgrade needs: `releases/RELEASES` and the
 * facts of the beams before they were stripped. Nothing is fetched: dependencies are there, or it is an error.
 *
 * The same sources give the same bytes, but for `releases/COOKIE`, which mix makes up unless `mix.exs` says `cookie:`;
 * that of an earlier release at `outputPath` is kept. A tarball of the step `:tar` is left out: pack the folder. Beams that are not stripped (`strip_beams: false`) hold the path of
 * the project.
 * @throws OtpError `mix-release` with what mix printed, `release-name`, `target-system`; those of `runTool`
 */
export async function generateMixRelease(options: GenerateMixReleaseOptions): Promise<AssembledRelease> {
  return assembleRelease({
    tool: 'mix',
    projectRoot: options.projectRoot,
    outputPath: options.outputPath,
    ...(options.buildPath !== undefined && { buildPath: options.buildPath }),
    config: 'mix.exs',
    compiled: 'lib/*/ebin/*.app',
    assemble: async ({ made, buildPath, path }) => {
      await forgetMixProject(buildPath, options.projectRoot);
      await keepCookie(path, made);
      const args = ['release', ...(options.name === undefined ? [] : [releaseName(options.name)])];
      const result = await mix([...args, '--path', made, '--overwrite', '--quiet'], options, buildPath);
      if (!result.succeeded) await explain(result, options, buildPath);
      await removeTarballs(made);
      return { root: made, output: result.output };
    },
  });
}

/**
 * Compiles a project by `mix compile`.
 * @returns what mix printed
 * @throws OtpError `mix-compile` with what mix printed; those of `runTool`
 */
export async function compileMix(options: CompileMixOptions): Promise<string> {
  await forgetMixProject(options.buildPath, options.projectRoot);
  const result = await mix(['compile'], options, options.buildPath);
  if (!result.succeeded) throw failed('mix compile', 'mix-compile', result, options);
  return result.output;
}

/**
 * Fetches what the `mix.lock` of a checkout names, by `mix deps.get`: what is in the caches of Hex and git needs no network.
 * @returns what mix printed
 * @throws OtpError `mix-deps` with what mix printed; those of `runTool`
 */
export async function fetchMixDependencies(options: MixProject): Promise<string> {
  const environment = options.environment ?? process.env['MIX_ENV'] ?? 'prod';
  const result = await runTool({
    tool: 'mix',
    args: ['deps.get', '--only', environment],
    folder: resolve(options.projectRoot),
    env: { MIX_ENV: environment },
    ...(options.signal !== undefined && { signal: options.signal }),
  });
  if (result.succeeded) return result.output;
  throw new OtpError(`mix deps.get ended with ${result.status}:\n${result.output}\n`, {
    code: 'mix-deps',
    file: join(resolve(options.projectRoot), 'mix.exs'),
    fix: 'Its dependencies are others than those that lie here, and could not be fetched.',
  });
}

export interface TestMixOptions extends MixProject {
  /** As for `compileMix`, and not the same. */
  readonly buildPath: string;
  /** For `mix test`. */
  readonly args?: readonly string[];
  /** Is given what mix prints, as it comes. */
  readonly show?: (text: string) => void;
}

/**
 * Runs the tests of a project by `mix test`, with `MIX_ENV=test` unless `environment` says otherwise.
 * @throws OtpError `tests-failed`, `mix-compile`; those of `runTool`
 */
export async function testMix(options: TestMixOptions): Promise<void> {
  await forgetMixProject(options.buildPath, options.projectRoot);
  const tested = { ...options, environment: options.environment ?? 'test' };
  const result = await mix(['test', ...(options.args ?? [])], tested, options.buildPath, options.show);
  if (result.succeeded) return;
  // It is shown already.
  if (options.show !== undefined && !needsDependencies(result)) {
    throw new OtpError(`mix test ended with ${result.status}.`, { code: 'tests-failed' });
  }
  throw failed('mix test', 'tests-failed', result, options);
}

function mix(
  args: readonly string[],
  options: MixProject,
  buildPath: string,
  show?: (text: string) => void,
): Promise<ToolResult> {
  return runTool({
    tool: 'mix',
    args,
    folder: resolve(options.projectRoot),
    env: {
      MIX_ENV: options.environment ?? process.env['MIX_ENV'] ?? 'prod',
      MIX_BUILD_PATH: resolve(buildPath),
      HEX_OFFLINE: '1',
    },
    ...(show !== undefined && { show }),
    ...(options.signal !== undefined && { signal: options.signal }),
  });
}

/** A release that is built again has the cookie of its nodes, as mix itself leaves it. */
async function keepCookie(path: string, made: string): Promise<void> {
  await mkdir(join(made, 'releases'));
  await copyFile(join(path, 'releases', 'COOKIE'), join(made, 'releases', 'COOKIE')).catch(
    (error: unknown) => {
      if (errorCode(error) !== 'ENOENT') throw error;
    },
  );
}

/** The step `:tar` of a release packs it into its own folder, as it is before it is complete. */
async function removeTarballs(made: string): Promise<void> {
  for (const entry of await readdir(made)) if (entry.endsWith('.tar.gz')) await rm(join(made, entry));
}

/** Everything that begins with a dash is an option to the tools. */
export function releaseName(name: string): string {
  if (/^[^-\s][^\s]*$/.test(name)) return name;
  throw new OtpError(`expected the name of a release, found ${JSON.stringify(name)}.`, {
    code: 'release-name',
    fix: 'Give one as it stands in the configuration of the release.',
  });
}

async function explain(result: ToolResult, options: MixProject, buildPath: string): Promise<never> {
  if (!result.output.includes('there are multiple releases')) {
    throw failed('mix release', 'mix-release', result, options);
  }
  // mix.exs is a program; only mix knows what it says.
  const names = await mix(
    [
      'run',
      '--no-start',
      '--no-compile',
      '--no-deps-check',
      '-e',
      'for {name, _} <- Mix.Project.config()[:releases], do: IO.puts("release: #{name}")',
    ],
    options,
    buildPath,
  );
  const listed = [...names.output.matchAll(/^release: (.+)$/gm)].map(([, name]) => name).sort();
  throw new OtpError(`it has several releases: ${listed.join(', ')}.`, {
    code: 'release-name',
    file: join(resolve(options.projectRoot), 'mix.exs'),
    fix: 'Say which one: releaseName of the target generate, name of generateMixRelease.',
  });
}

function needsDependencies({ output }: ToolResult): boolean {
  return /mix deps\.get|install Hex|local\.hex|Could not find an SCM/.test(output);
}

function failed(command: string, code: string, result: ToolResult, options: MixProject): OtpError {
  const fix = needsDependencies(result)
    ? 'Nothing is fetched here: run mix deps.get in the project first (and mix local.hex where Hex is missing), or give the dependency by path:.'
    : versionAdvice(result.output);
  return new OtpError(
    `${command} ended with ${result.status}:\n${result.output}${fix === undefined ? '' : '\n'}`,
    { code, file: join(resolve(options.projectRoot), 'mix.exs'), ...(fix !== undefined && { fix }) },
  );
}
