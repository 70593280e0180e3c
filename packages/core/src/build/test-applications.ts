import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, posix, relative, resolve, sep } from 'node:path';
import { OtpError } from '../error';
import { atom, atomName, list, printTerm, string, tuple, tupleOf, type Term } from '../erlang';
import { loadGlob } from '../load-glob';
import { refuseForeignFolder } from '../output/output-path';
import { writeFolder } from '../output/replace-folder';
import {
  moduleName,
  namedLibraries,
  readProjectSources,
  readWorkspaceApplication,
  type ApplicationSources,
} from './application-sources';
import { resourceFile } from './resource-source';
import {
  compileRequest,
  didNotCompile,
  record,
  sourceResults,
  type Compiling,
  type NamedFolder,
} from './run-compiler';
import { runErlang } from './run-erlang';

export interface TestOptions {
  /** What messages name files relative to. */
  readonly workspaceRoot: string;
  /** Relative to the workspace root, with `/`: an application, or a project with applications in `apps` and `lib`. */
  readonly folder: string;
  /** The absolute folders of the applications that these may use, compiled already. */
  readonly libraries?: readonly string[];
  /** A folder for reports in the format of JUnit; it is replaced. */
  readonly outputPath: string;
  /** Where the application is compiled for its tests; nothing else lies there. */
  readonly buildPath: string;
  /** The modules with tests and the suites to be run; all where absent. */
  readonly modules?: readonly string[];
  /** Is given what the tests print, as it comes. */
  readonly show?: (text: string) => void;
  readonly signal?: AbortSignal;
}

/** An application, and what there is to be tested in it. */
interface Tested {
  readonly application: ApplicationSources;
  readonly libraries: readonly NamedFolder[];
  /** Sources in `test`; relative to the root. */
  readonly tests: readonly string[];
  /** The modules for EUnit. */
  readonly modules: readonly string[];
  readonly suites: readonly string[];
}

/**
 * Runs the EUnit tests and the Common Test suites of an application, or of each application of a project, in a VM of
 * its own, compiled with the macro TEST in a folder of its own: what a release is made of stays as it is.
 * @returns the names of the applications that were tested
 * @throws OtpError `tests-failed`, also when a test ends the VM; `compile-failed`; `test-missing` for a module that is
 * not there; `eunit-missing`, `common-test-missing`; those of `readWorkspaceApplication` and of `runErlang`
 */
export async function testApplications(options: TestOptions): Promise<string[]> {
  const { root, applications } = await applicationsToTest(options);
  const wanted = chosen(applications, options.modules);
  const outputPath = resolve(options.outputPath);
  await refuseForeignFolder(outputPath, (entries) => entries.every((entry) => entry.endsWith('.xml')));
  const reports = await mkdtemp(join(tmpdir(), 'nx-otp-'));
  const failed: string[] = [];
  try {
    for (const tested of wanted) {
      const { name } = tested.application;
      const folder = wanted.length === 1 ? reports : join(reports, name);
      await mkdir(folder, { recursive: true });
      if (!(await test(root, tested, folder, options))) failed.push(name);
    }
    await writeFolder(outputPath, async (made) => {
      for (const report of await readdir(reports, { recursive: true })) {
        if (report.endsWith('.xml')) {
          await cp(join(reports, report), join(made, report.split(sep).join('-')));
        }
      }
    });
  } finally {
    await rm(reports, { recursive: true, force: true });
  }
  if (failed.length > 0) {
    throw new OtpError(`tests of ${failed.join(' and ')} failed.`, { code: 'tests-failed' });
  }
  return wanted.map(({ application }) => application.name);
}

async function applicationsToTest(
  options: TestOptions,
): Promise<{ root: string; applications: readonly Tested[] }> {
  const workspaceRoot = resolve(options.workspaceRoot);
  const folder = join(workspaceRoot, options.folder);
  const others = await namedLibraries(options.libraries ?? []);
  const glob = await loadGlob();
  const isOne = (await glob('src/*.app.src', { cwd: folder })).length > 0;
  const root = isOne ? workspaceRoot : folder;
  const sources = isOne
    ? [(await readWorkspaceApplication(workspaceRoot, options.folder)).application]
    : (await readProjectSources(folder)).applications;
  const own = sources.map(({ name, folder: its }) => ({ name, folder: join(root, its) }));
  const applications: Tested[] = [];
  for (const application of sources) {
    const files = await glob('test/**/*.erl', {
      cwd: join(root, application.folder),
      ignore: ['**/*_SUITE_data/**'],
    });
    const tests = files.sort().map((file) => posix.join(application.folder, file));
    const names = tests.map(moduleName);
    const suites = names.filter((name) => name.endsWith('_SUITE'));
    const all = [...application.sources.map(moduleName), ...names.filter((name) => !suites.includes(name))];
    if (tests.length === 0 && !(await anyNames(root, application.sources, 'eunit.hrl'))) continue;
    applications.push({
      application,
      libraries: [...own, ...others.filter((other) => !own.some(({ name }) => name === other.name))],
      tests,
      // EUnit adds the tests of m_tests to those of m.
      modules: all.filter((name) => !all.some((other) => name === `${other}_tests`)),
      suites,
    });
  }
  return { root, applications };
}

/** Whether one of the files has the text in it. */
async function anyNames(root: string, files: readonly string[], text: string): Promise<boolean> {
  for (const file of files) if ((await readFile(join(root, file))).includes(text)) return true;
  return false;
}

function chosen(applications: readonly Tested[], wanted: readonly string[] | undefined): readonly Tested[] {
  if (wanted === undefined || wanted.length === 0) return applications;
  const isWanted = (name: string): boolean => wanted.includes(name) || wanted.includes(`${name}_tests`);
  const found = applications
    .map((tested) => ({
      ...tested,
      modules: tested.modules.filter(isWanted),
      suites: tested.suites.filter(isWanted),
    }))
    .filter(({ suites, modules }) => suites.length > 0 || modules.length > 0);
  const names = found.flatMap(({ suites, modules }) => [
    ...suites,
    ...modules,
    ...modules.map((name) => `${name}_tests`),
  ]);
  const missing = wanted.find((name) => !names.includes(name));
  if (missing === undefined) return found;
  const suites = applications.flatMap((tested) => tested.suites);
  throw new OtpError(`there is no module ${missing} to be tested.`, {
    code: 'test-missing',
    fix:
      suites.length === 0
        ? 'Name modules with tests for EUnit.'
        : `Name modules with tests for EUnit, or suites: ${suites.join(', ')}.`,
  });
}

/** @returns whether all passed */
async function test(root: string, tested: Tested, reports: string, options: TestOptions): Promise<boolean> {
  const { application, modules, suites } = tested;
  const { compiling, suitesIn, logs } = await prepare(root, tested, resolve(options.buildPath));
  const folder = join(root, application.folder);
  const { term } = await runErlang({
    module: 'nx_otp_test',
    folder: root,
    request: async (scratch) =>
      record({
        compile: await compileRequest(root, compiling, scratch, false),
        eunit: list(modules.map(atom)),
        suites: list(suites.map(atom)),
        suites_in: string(suitesIn),
        folder: string(folder),
        reports: string(reports),
        logs: string(logs),
      }),
    ...(options.show !== undefined && { show: options.show }),
    ...(options.signal !== undefined && { signal: options.signal }),
  }).catch((error: unknown) => {
    throw endedByTest(error, application.name);
  });
  const [tag, first, second] = term.kind === 'tuple' ? term.elements : [];
  switch (tag && atomName(tag)) {
    case 'missing':
      throw toolMissing((first && atomName(first)) ?? '');
    case 'compile': {
      const results = sourceResults(first ?? list([]));
      throw didNotCompile(
        results.map(({ text }) => text).join(''),
        results.filter((result) => result.failed).length,
      );
    }
    case 'tested':
      break;
    default:
      throw new Error(`nx_otp_test answers ${printTerm(term)}`);
  }
  const outcomes = [first, second].map((outcome) => outcome && atomName(outcome));
  if (outcomes[1] === 'failed') {
    options.show?.(`The pages of Common Test: ${relative(process.cwd(), join(logs, 'index.html'))}\n`);
  }
  return !outcomes.includes('failed');
}

/** The VM is that of the tests, and one of them may have ended it. */
function endedByTest(error: unknown, application: string): unknown {
  if (!(error instanceof OtpError) || error.code !== 'erlang-failed') return error;
  return new OtpError(
    `the tests of ${application} ended the Erlang VM before they were through: ${error.problem}`,
    { code: 'tests-failed', cause: error },
  );
}

function toolMissing(application: string): OtpError {
  const shown = application === 'eunit' ? 'EUnit' : 'Common Test';
  const kebab = application.replace('_', '-');
  return new OtpError(`this Erlang/OTP has no ${shown}, and there are tests for it.`, {
    code: `${kebab}-missing`,
    fix: `Install the application ${application} (Debian and Ubuntu: apt-get install erlang-${kebab}).`,
  });
}

/** Lays the application out as in a release, so that it finds its `priv` and can be started. */
async function prepare(
  root: string,
  { application, libraries, tests }: Tested,
  buildPath: string,
): Promise<{ compiling: readonly Compiling[]; suitesIn: string; logs: string }> {
  const { name, folder } = application;
  const library = join(buildPath, 'lib', name);
  await rm(library, { recursive: true, force: true });
  const ebin = join(library, 'ebin');
  const suitesIn = join(library, 'test');
  const logs = join(buildPath, 'logs', name);
  for (const each of [ebin, suitesIn, logs]) await mkdir(each, { recursive: true });
  await writeFile(
    join(ebin, `${name}.app`),
    resourceFile(application.resource, application.sources.map(moduleName)),
  );
  for (const part of ['priv', 'include']) {
    const from = join(root, folder, part);
    if (await isThere(from)) await symlink(from, join(library, part), 'junction');
  }
  for (const source of tests.filter((each) => each.endsWith('_SUITE.erl'))) {
    const data = join(root, source.replace(/\.erl$/, '_data'));
    // A copy, since tests may write into it.
    if (await isThere(data)) await cp(data, join(suitesIn, basename(data)), { recursive: true });
  }
  const options = withTestMacro(application.compilerOptions);
  const own = { ...application, compilerOptions: options };
  return {
    compiling: [
      { application: own, ebin, made: ebin, libraries },
      {
        application: { ...own, sources: tests, firstModules: [] },
        ebin: suitesIn,
        made: suitesIn,
        libraries,
      },
    ],
    suitesIn,
    logs,
  };
}

function withTestMacro(options: readonly Term[]): readonly Term[] {
  const defines = options.some((option) => {
    const name = tupleOf(option, 'd')?.elements[1];
    return name !== undefined && atomName(name) === 'TEST';
  });
  return defines ? options : [tuple(atom('d'), atom('TEST')), ...options];
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
