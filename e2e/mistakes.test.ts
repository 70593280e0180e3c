import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { replaceDummyApp } from './support/beams.js';
import {
  dummyWorkspace,
  editFile,
  filesIn,
  succeeding,
  tarballOf,
  type DummyWorkspace,
} from './support/dummy-workspace.js';

let workspace: DummyWorkspace;
let appupFile: string;

beforeAll(async () => {
  workspace = await dummyWorkspace('mistakes');
  appupFile = join(workspace.project, 'apps/dummy/src/dummy.appup');
});

afterAll(() => {
  workspace.remove();
});

beforeEach(async () => {
  await workspace.setVersion('0.2');
});

test('a mistake before the first upgrade leaves neither appups nor a package', async () => {
  await refused(
    ['--previousRelease=nowhere'],
    ['nowhere: there is no such file or folder. Give the folder of a release, or a .tar.gz of one.'],
  );
  expect(filesIn(workspace.dist('appups'))).toBe(undefined);
  expect(filesIn(workspace.dist('upgrade'))).toBe(undefined);
});

describe('with a package that was made before', () => {
  beforeAll(async () => {
    await workspace.setVersion('0.2');
    await upgraded('prod');
  });

  describe('a previous release that cannot be used', () => {
    test.each<{ name: string; make: (path: string) => void; sentence: string }>([
      {
        name: 'text.tar.gz',
        make: (path) => writeFileSync(path, 'hello\n'),
        sentence:
          'text.tar.gz: expected the folder of a release, or a .tar.gz or .tar of one; found a file that starts with the bytes 68656c6c.',
      },
      {
        name: 'truncated.tar.gz',
        make: (path) => {
          const whole = readFileSync(tarballOf(workspace.production, path));
          writeFileSync(path, whole.subarray(0, whole.length / 2));
        },
        sentence:
          'truncated.tar.gz: it is cut short: the gzip stream ends in the middle. Make or copy the archive again.',
      },
      {
        name: 'empty folder',
        make: (path) => mkdirSync(path),
        sentence: 'empty folder: there is no release here: no releases/VSN/NAME.rel whose version is VSN.',
      },
      {
        name: 'same version',
        make: (path) => cpSync(workspace.dist('release'), path, { recursive: true }),
        sentence: 'the previous release has version 0.2, and so has the new one.',
      },
      {
        name: 'other name',
        make: (path) => {
          cpSync(workspace.production, path, { recursive: true });
          editFile(join(path, 'releases/0.1/dummy.rel'), '{"dummy","0.1"}', '{"other","0.1"}');
        },
        sentence: 'this is the release other, and the new one is dummy.',
      },
      {
        name: 'without sasl',
        make: (path) => {
          cpSync(workspace.production, path, { recursive: true });
          const rel = join(path, 'releases/0.1/dummy.rel');
          writeFileSync(rel, readFileSync(rel, 'utf8').replace(/\{sasl,"[\d.]+"\},/, ''));
        },
        sentence: 'the release dummy 0.1 does not have sasl',
      },
    ])('$name', async ({ name, make, sentence }) => {
      make(join(workspace.folder, name));
      await refusedAndUnchanged([`--previousRelease=${name}`], [sentence]);
    });

    test('none at all', async () => {
      await refusedAndUnchanged(
        [],
        [
          'no previous release of dummy was given, so there is nothing to upgrade from. Pass --previousRelease=PATH',
        ],
      );
    });
  });

  test('a misspelt option is named', async () => {
    await refusedAndUnchanged(['--previousReleas=prod'], ["'previousReleas' is not found in schema"]);
    await refusedAndUnchanged(['--previousRelease=prod', '--ful'], ["'ful' is not found in schema"]);
  });

  describe('a source that cannot be read', () => {
    test('Erlang: the compiler says where, and the old ebin stays', async () => {
      const ebin = join(workspace.project, 'apps/dummy/ebin');
      const before = filesIn(ebin);
      edit('apps/dummy/src/dummy_history.erl', '    [].', '    [.');
      await refusedAndUnchanged(
        ['--previousRelease=prod'],
        ["apps/dummy/src/dummy_history.erl:13:6: syntax error before: '.'", '1 file did not compile.'],
      );
      expect(filesIn(ebin)).toEqual(before);
    });

    test('reltool.config', async () => {
      const release = filesIn(workspace.dist('release'));
      edit('rel/reltool.config', '{boot_rel, "dummy"},', '{boot_rel, "dummy",');
      await refusedAndUnchanged(
        ['--previousRelease=prod'],
        ['rel/reltool.config:21:1: expected `,` or `}` in the tuple that starts at 5:5; found `]`.'],
      );
      expect(filesIn(workspace.dist('release'))).toEqual(release);
    });

    test('dummy.app.src', async () => {
      edit('apps/dummy/src/dummy.app.src', '{vsn, "0.2"},', '{vsn, "0.2"');
      await refusedAndUnchanged(
        ['--previousRelease=prod'],
        ['apps/dummy/src/dummy.app.src:4:5: expected `,` or `}` in the tuple that starts at 3:5; found `{`.'],
      );
    });

    test('dummy.appup', async () => {
      writeFileSync(appupFile, '{"0.2",\n [{"0.1", [}],\n []}.\n');
      await refusedAndUnchanged(
        ['--previousRelease=prod'],
        ['dummy.appup:2:12: expected a term; found `}`.'],
      );
    });
  });

  test('an appup that does not name every changed module is refused, with all that is missing', async () => {
    writeFileSync(appupFile, '{"0.2", [{"0.1", [{update, dummy_server, {advanced, []}}]}], []}.\n');
    await refusedAndUnchanged(
      ['--previousRelease=prod'],
      [
        'No appups for dummy 0.2: 3 findings are in the way.',
        'error change-not-covered (dummy_history): dummy_history is new',
        'error change-not-covered (dummy_trace): dummy_trace is gone',
        'error call-window (dummy_server): on the way up from 0.1, dummy_server calls dummy_history:add/2',
      ],
    );
  });

  test('appups that were made for another previous release are refused', async () => {
    const other = join(workspace.folder, 'another build of 0.1');
    cpSync(workspace.production, other, { recursive: true });
    replaceDummyApp(join(other, 'lib/dummy-0.1/ebin'));
    await succeeding(
      workspace.nx([
        'run',
        'dummy:generate-appups',
        `--previousRelease=${other}`,
        '--outputPath=other-appups',
      ]),
    );
    await refusedAndUnchanged(
      ['--previousRelease=prod', '--appups=other-appups'],
      ['other-appups: these appups were made for other releases: they lead to dummy 0.2'],
    );
  });
});

describe('an appup of the project', () => {
  const up = `[{load_module, dummy_history}, {update, dummy_server, {advanced, [by_hand]}},
     {delete_module, dummy_trace}]`;
  const down = `[{add_module, dummy_trace}, {update, dummy_server, {advanced, [by_hand]}},
     {delete_module, dummy_history}]`;

  test('is used as it is where it has the pair', async () => {
    writeFileSync(appupFile, `{"0.2", [{"0.1", ${up}}], [{"0.1", ${down}}]}.\n`);
    const output = await upgraded('prod');
    expect(output).toContain('up from 0.1 (as written in');
    expect(output).toContain('down to 0.1 (as written in');
    expect(made('appups/dummy.appup')).toBe(flat(`{"0.2", [{"0.1", ${up}}], [{"0.1", ${down}}]}.`));
    expect(made('upgrade/relup')).toContain('{code_change,up,[{dummy_server,[by_hand]}]}');
    expect(made('upgrade/relup')).toContain('{code_change,down,[{dummy_server,[by_hand]}]}');
  });

  test('is completed where a section is missing', async () => {
    writeFileSync(appupFile, `{"0.2", [{"0.1", ${up}}], []}.\n`);
    const output = await upgraded('prod');
    expect(output).toContain('up from 0.1 (as written in');
    expect(output).not.toContain('down to 0.1 (as written in');
    expect(made('upgrade/relup')).toContain('{code_change,up,[{dummy_server,[by_hand]}]}');
    expect(made('upgrade/relup')).toContain('{code_change,down,[{dummy_server,[]}]}');
  });

  test('is left aside, and this is said, where it is for another version', async () => {
    writeFileSync(appupFile, `{"0.1.9", [{"0.1", ${up}}], [{"0.1", ${down}}]}.\n`);
    const output = await upgraded('prod');
    expect(output).toContain('warning stale-appup (dummy):');
    expect(output).toContain('is for version 0.1.9 of dummy, and the release has 0.2');
    expect(made('upgrade/relup')).not.toContain('by_hand');
  });
});

describe('a previous release that the project is configured with', () => {
  const projectFile = () => join(workspace.project, 'project.json');

  test.each(['previous-release', 'generate-upgrade'])('in the options of %s', async (target) => {
    rmSync(workspace.dist('upgrade'), { recursive: true });
    const text = readFileSync(projectFile(), 'utf8');
    const project = JSON.parse(text) as { targets: Record<string, { options: Record<string, string> }> };
    const options = project.targets[target]?.options;
    if (options === undefined) throw new Error(`${target} has no options`);
    options['previousRelease'] = 'prod';
    writeFileSync(projectFile(), JSON.stringify(project));
    expect(await upgraded()).toContain('dummy 0.1 -> 0.2: dummy/dist/upgrade/dummy_0.2.tar.gz');
    expect(Object.keys(filesIn(workspace.dist('upgrade')) ?? {})).toEqual([
      'dummy_0.2.json',
      'dummy_0.2.tar.gz',
      'relup',
    ]);
  });

  test('gives way to the command line', async () => {
    editFile(
      projectFile(),
      '"outputPath": "{projectRoot}/dist/previous-release"',
      '"previousRelease": "moved"',
    );
    await refused(
      [],
      ['moved: there is no such file or folder. Give the folder of a release, or a .tar.gz of one.'],
    );
    renameSync(workspace.production, join(workspace.folder, 'moved'));
    await succeeding(workspace.nx(['run', 'dummy:generate-upgrade']));
    await refused(
      ['--previousRelease=prod'],
      ['prod: there is no such file or folder. Give the folder of a release, or a .tar.gz of one.'],
    );
    renameSync(join(workspace.folder, 'moved'), workspace.production);
  });
});

/** Runs the whole chain, which must end in exit code 1 with these sentences and no stack trace. */
async function refused(args: string[], sentences: string[]): Promise<void> {
  const { status, output } = await workspace.nx(['run', 'dummy:generate-upgrade', ...args]);
  expect(status).toBe(1);
  for (const sentence of sentences) expect(output).toContain(sentence);
  expect(output).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m);
}

/** As `refused`; the appups and the package that were there are as they were. */
async function refusedAndUnchanged(args: string[], sentences: string[]): Promise<void> {
  const folders = [workspace.dist('appups'), workspace.dist('upgrade')];
  const before = folders.map(filesIn);
  await refused(args, sentences);
  expect(folders.map(filesIn)).toEqual(before);
}

async function upgraded(previousRelease?: string): Promise<string> {
  const args = previousRelease === undefined ? [] : [`--previousRelease=${previousRelease}`];
  return succeeding(workspace.nx(['run', 'dummy:generate-upgrade', ...args]));
}

/** A file below `dist`, without the comment and the white space of Erlang terms. */
function made(file: string): string {
  return flat(readFileSync(join(workspace.project, 'dist', file), 'utf8').replace(/^%%.*\n/, ''));
}

function flat(terms: string): string {
  return terms.replace(/\s/g, '');
}

function edit(file: string, before: string, after: string): void {
  editFile(join(workspace.project, file), before, after);
}
