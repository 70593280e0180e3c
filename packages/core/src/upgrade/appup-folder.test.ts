import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { refusal } from '../../test/archives/refusal';
import { appupOfSections, parseInstruction, type PlannedSection } from '../appup';
import { readFirstTerm } from '../erlang';
import { readAppupFolder, writeAppupFolder, type AppupFolder } from './appup-folder';

const release = { name: 'r', version: '2', contentHash: '0' };
const base = { name: 'r', version: '1', contentHash: '1' };
const instruction = (text: string) => parseInstruction(readFirstTerm(`${text}.`, 'test').term);

let folder: string;
let path: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nx-otp appups ü-'));
  path = join(folder, 'appups');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const sections: readonly PlannedSection[] = [
  {
    direction: 'up',
    version: '1',
    origin: {
      kind: 'generated',
      instructions: [{ instruction: instruction("{load_module, 'Elixir.M'}"), reason: 'it changed' }],
    },
  },
  {
    direction: 'down',
    version: '1',
    origin: {
      kind: 'kept',
      file: '/somewhere/rel/appups/a/1_to_2.appup',
      instructions: [instruction("{update, 'Elixir.M', {advanced, []}}")],
    },
  },
];

beforeEach(async () => {
  const kept = {
    file: '/somewhere/rel/appups/a/1_to_2.appup',
    version: '2',
    up: [],
    down: [
      {
        version: { kind: 'exact' as const, version: '1' },
        instructions: [{ term: readFirstTerm("{update, 'Elixir.M', {advanced, []}}.", 'test').term }],
      },
    ],
  };
  const appup = appupOfSections({ application: 'a', version: '2' }, sections, [kept]);
  await writeAppupFolder(
    path,
    { release, previousReleases: [base], order: 'dependencies', allow: [] },
    [appup],
    '/somewhere/rel/appups',
  );
});

const read = (): Promise<AppupFolder> => readAppupFolder(path, release, [base]);

it('a folder gives back what was planned, and where what people wrote lies', async () => {
  const { appups } = await read();
  expect(appups.map(({ application, sections }) => ({ application, sections }))).toEqual([
    {
      application: 'a',
      sections: [sections[0], { ...sections[1], origin: { ...sections[1]?.origin, file: 'a/1_to_2.appup' } }],
    },
  ]);
});

it('an appup that is not what its index tells of is refused', async () => {
  await writeFile(
    join(path, 'a.appup'),
    '{"2", [{"1", []}], [{"1", [{update, \'Elixir.M\', {advanced, []}}]}]}.\n',
  );
  expect((await refusal(read())).message).toContain(
    'a.appup: its section up from 1 is not the one that appups.json beside it tells of.',
  );
});

const entry = { version: '2', sections: [] };
it.each([
  [[{ ...entry, name: 'a', file: '../a.appup' }]],
  [[{ ...entry, name: '../a', file: '../a.appup' }]],
  [[{ ...entry, name: 'b', file: 'a.appup' }]],
  [
    [
      { ...entry, name: 'a', file: 'a.appup' },
      { ...entry, name: 'a', file: 'a.appup' },
    ],
  ],
])('an index with %j is refused', async (applications) => {
  const index = { release, previousReleases: [base], order: 'dependencies', allow: [], applications };
  await writeFile(join(path, 'appups.json'), JSON.stringify(index));
  expect((await refusal(read())).message).toContain('expected each application once');
});

it.each([
  { sections: 'none' },
  { sections: [{ direction: 'sideways', version: '1', origin: 'generated', instructions: [] }] },
  { sections: [{ direction: 'up', version: '1', origin: 'generated', instructions: [{}] }] },
])('an index with %j is none', async (more) => {
  const applications = [{ name: 'a', version: '2', file: 'a.appup', ...more }];
  const index = { release, previousReleases: [base], order: 'dependencies', allow: [], applications };
  await writeFile(join(path, 'appups.json'), JSON.stringify(index));
  expect((await refusal(read())).message).toContain('this is not the index of a folder of generated appups');
});

it.each([
  { version: '2', sections: [] },
  { version: '3', sections: [{ direction: 'up', version: '1', origin: 'generated', instructions: [] }] },
])('an appup of which the index tells no more than %j is refused', async (more) => {
  await writeFile(join(path, 'a.appup'), '{"2", [{"1", []}], [{"1", []}]}.\n');
  const index = {
    release,
    previousReleases: [base],
    allow: [],
    applications: [{ name: 'a', file: 'a.appup', ...more }],
  };
  await writeFile(join(path, 'appups.json'), JSON.stringify(index));
  expect((await refusal(read())).message).toContain('a.appup: it is not the whole appup of version');
});
