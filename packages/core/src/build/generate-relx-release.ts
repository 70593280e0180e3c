import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { atomName, listElements, readTerms } from '../erlang';
import { OtpError } from '../error';
import { assembleRelease, type AssembledRelease } from './assemble-release';
import { forgetRebar3Project } from './fresh-build';
import { releaseName } from './generate-mix-release';
import { loadGlob } from '../load-glob';
import { erlangSources } from './run-erlang';
import { runTool, type ToolResult } from './run-tool';
import { versionAdvice } from './wrong-version';

export interface Rebar3Project {
  /** The folder of the project, with its `rebar.config`. */
  readonly projectRoot: string;
  /** Of rebar3, several with commas; `prod` where absent. */
  readonly profile?: string;
  readonly signal?: AbortSignal;
}

export interface GenerateRelxReleaseOptions extends Rebar3Project {
  /** The folder of the release; it is replaced. */
  readonly outputPath: string;
  /** Which of several in `relx`; not needed where there is one. */
  readonly name?: string;
  /**
   * `REBAR_BASE_DIR`, for nobody else: fetched dependencies stay there for the next run. A folder that is gone afterwards
   * where absent.
   */
  readonly buildPath?: string;
}

export interface CompileRebar3Options extends Rebar3Project {
  /** As for a release, and not the same. */
  readonly buildPath: string;
}

/**
 * Makes a release by `rebar3 release`, in production mode whatever the project says (`priv/relx`): a folder without
 * links, with its emulator. Adds `releases/RELEASES` with the paths that `release_handler` itself would write, and the
 * facts of the beams before they were stripped. The same sources give the same bytes.
 * @throws OtpError `rebar3-release` with what rebar3 printed, `release-name`, `target-system`; those of `runTool`
 */
export async function generateRelxRelease(options: GenerateRelxReleaseOptions): Promise<AssembledRelease> {
  return assembleRelease({
    tool: 'rebar3',
    projectRoot: options.projectRoot,
    outputPath: options.outputPath,
    ...(options.buildPath !== undefined && { buildPath: options.buildPath }),
    config: 'rebar.config',
    compiled: '*/{lib,checkouts}/*/ebin/*.app',
    assemble: async ({ made, buildPath }) => {
      await forgetRebar3Project(buildPath);
      const name = options.name === undefined ? [] : ['--relname', releaseName(options.name)];
      const scratch = await mkdtemp(join(tmpdir(), 'nx-otp-'));
      try {
        const names = join(scratch, 'releases');
        const args = ['release', ...name, '--output-dir', made];
        const result = await rebar3(args, options, buildPath, names);
        if (!result.succeeded) await explain(result, options, names);
        return { root: await onlyFolderIn(made), output: result.output };
      } finally {
        await rm(scratch, { recursive: true, force: true });
      }
    },
  });
}

/**
 * Compiles a project by `rebar3 compile`.
 * @returns what rebar3 printed
 * @throws OtpError `rebar3-compile` with what rebar3 printed; those of `runTool`
 */
export async function compileRebar3(options: CompileRebar3Options): Promise<string> {
  await forgetRebar3Project(options.buildPath);
  const result = await rebar3(['compile'], options, options.buildPath);
  if (!result.succeeded) throw failed('rebar3 compile', 'rebar3-compile', result, options);
  return result.output;
}

export interface TestRebar3Options extends Rebar3Project {
  /** As for `compileRebar3`, and not the same. */
  readonly buildPath: string;
  /** One application of an umbrella: its name, and its folder relative to the project. */
  readonly application?: { readonly name: string; readonly folder: string };
  /** For `rebar3 eunit` and `rebar3 ct`, such as `--verbose`. */
  readonly args?: readonly string[];
  /** Is given what rebar3 prints, as it comes. */
  readonly show?: (text: string) => void;
}

/**
 * Runs the tests of a project by `rebar3 eunit` and, where it has suites, `rebar3 ct`, both also when the first fails.
 * @throws OtpError `tests-failed`; those of `runTool`
 */
export async function testRebar3(options: TestRebar3Options): Promise<void> {
  await forgetRebar3Project(options.buildPath);
  const { application, args = [] } = options;
  const glob = await loadGlob();
  const within = application?.folder ?? '{.,apps/*,lib/*}';
  const suites = await glob(`${within}/test/**/*_SUITE.erl`, { cwd: resolve(options.projectRoot) });
  const commands = [['eunit', ...(application === undefined ? [] : [`--application=${application.name}`])]];
  if (suites.length > 0) {
    commands.push(['ct', ...(application === undefined ? [] : [`--suite=${suites.sort().join(',')}`])]);
  }
  const ended: string[] = [];
  for (const command of commands) {
    const result = await rebar3(
      [...command, ...args],
      { ...options, profile: options.profile ?? 'test' },
      options.buildPath,
      undefined,
      options.show,
    );
    if (result.succeeded) continue;
    if (options.show === undefined)
      throw failed(`rebar3 ${command[0] ?? ''}`, 'tests-failed', result, options);
    ended.push(`rebar3 ${command[0] ?? ''} ended with ${result.status}`);
  }
  if (ended.length > 0) throw new OtpError(`${ended.join(', ')}.`, { code: 'tests-failed' });
}

function rebar3(
  args: readonly string[],
  options: Rebar3Project,
  buildPath: string,
  names?: string,
  show?: (text: string) => void,
): Promise<ToolResult> {
  const profile = options.profile ?? 'prod';
  if (!/^\w+(?:,\w+)*$/.test(profile)) {
    throw new OtpError(`expected a profile of rebar3, or several with commas, found "${profile}".`, {
      code: 'rebar3-profile',
      fix: 'Give names such as prod, as they stand in {profiles, [...]} of rebar.config.',
    });
  }
  return runTool({
    tool: 'rebar3',
    args: ['as', profile, ...args],
    folder: resolve(options.projectRoot),
    env: {
      REBAR_BASE_DIR: resolve(buildPath),
      REBAR_CONFIG: join(erlangSources, 'relx', 'rebar.config'),
      // It would add a profile to those of `as`.
      REBAR_PROFILE: undefined,
      NX_OTP_REBAR_CONFIG: process.env['REBAR_CONFIG'] ?? 'rebar.config',
      NX_OTP_PROFILES: profile,
      NX_OTP_RELEASES: names,
    },
    ...(show !== undefined && { show }),
    ...(options.signal !== undefined && { signal: options.signal }),
  });
}

/** relx puts a release into a folder of its name, which the configuration says and we do not know. */
async function onlyFolderIn(made: string): Promise<string> {
  const [folder, ...others] = (await readdir(made, { withFileTypes: true })).filter((entry) =>
    entry.isDirectory(),
  );
  if (folder === undefined || others.length > 0) {
    throw new OtpError('rebar3 release made no release, or more than one.', { code: 'rebar3-release' });
  }
  return join(made, folder.name);
}

async function explain(result: ToolResult, options: Rebar3Project, names: string): Promise<never> {
  if (!result.output.includes('Must specify the name of the release')) {
    throw failed('rebar3 release', 'rebar3-release', result, options);
  }
  const [listed] = readTerms(await readFile(names), names).terms;
  const all = ((listed && listElements(listed)) ?? []).map((name) => atomName(name));
  throw new OtpError(`it has several releases: ${all.join(', ')}.`, {
    code: 'release-name',
    file: join(resolve(options.projectRoot), 'rebar.config'),
    fix: 'Say which one: releaseName of the target generate, name of generateRelxRelease.',
  });
}

function failed(command: string, code: string, result: ToolResult, options: Rebar3Project): OtpError {
  const notFetched = /Package not found|Failed to (?:update|fetch)|Unable to fetch/i.test(result.output);
  const fix = notFetched
    ? 'Where a dependency cannot be fetched, put a copy of it into _checkouts of the project, and name it in deps without a version.'
    : versionAdvice(result.output);
  return new OtpError(
    `${command} ended with ${result.status}:\n${result.output}${fix === undefined ? '' : '\n'}`,
    { code, file: join(resolve(options.projectRoot), 'rebar.config'), ...(fix !== undefined && { fix }) },
  );
}
