import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refusal } from '../../test/archives/refusal';
import { changed } from '../../test/releases/literal-facts';
import { literalPair } from '../../test/releases/literal-pair';
import { noPolicy, parseAppup } from '../appup';
import { readFirstTerm } from '../erlang';
import { formatAppups } from '../report/appup-text';
import { planAppups } from '../upgrade/plan-appups';
import { loadTransforms } from './load-transforms';
import { policyInputs, readPolicy } from './read-policy';
import { repeatedKeys } from './repeated-keys';
import { transformSections } from './transform-sections';

let folder: string;
let count = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nx-otp policy file ü-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function written(text: string): Promise<string> {
  const file = join(folder, `${++count}.json`);
  await writeFile(file, text);
  return file;
}

async function refused(file: string): Promise<string> {
  // What decides about the cache says nothing: it leaves that to whoever runs the target.
  expect(await policyInputs(file)).toEqual([file]);
  const { code, message } = await refusal(readPolicy(file));
  expect(code).toBe('policy');
  return message.replace(file, 'FILE').replace(' Correct it; see docs/control.md for what it may hold.', '');
}

describe('the file of a policy', () => {
  it('must be there, and be a file', async () => {
    expect(await refused(join(folder, 'none.json'))).toMatch(/^FILE: it cannot be read: ENOENT/);
    const path = join(folder, 'folder.json');
    await mkdir(path);
    expect(await refused(path)).toBe('FILE: this is a folder.');
    expect(await refused(join(path, 'file.json'))).toMatch(/^FILE: it cannot be read: ENOENT/);
  });

  it.each([
    ['', /^FILE: the file is empty; \{\} is a policy that says nothing\.$/],
    [' \n\uFEFF', /^FILE: the file is empty/],
    ['// why\n{}', /^FILE: it is no JSON, which has no comments and no trailing commas: .*\.$/],
    ['{"allow": [],}', /^FILE: it is no JSON, which has no comments and no trailing commas: .*\.$/],
    ['\0\u0001', /^FILE: it is no JSON/],
    ['{"allow": [', /^FILE: it is no JSON/],
    ['null', /^FILE: the file: expected an object, found null\.$/],
    [
      '{"applications": {"a": {}, "b": {"modules": {"m": {}, "m": {}}}, "a": {}}}',
      /^FILE: applications\.a, applications\.b\.modules\.m are there more than once, and only the last would count\.$/,
    ],
    ['{"allow": [], "allow": []}', /^FILE: allow is there more than once/],
  ])('that is %j is refused with its name and what is wrong', async (text, message) => {
    expect(await refused(await written(text))).toMatch(message);
  });

  it('may begin with a mark of its encoding', async () => {
    expect((await readPolicy(await written('\uFEFF{}'))).allow).toEqual([]);
  });

  it('may name modules and applications as JavaScript names other things', async () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
    const modules = names.map((name) => `"${name}": {"prePurge": "soft_purge"}`).join(', ');
    const applications = names.map((name) => `"${name}": {"modules": {${modules}}}`).join(', ');
    const policy = await readPolicy(await written(`{"applications": {${applications}}}`));
    expect([...policy.applications.keys()]).toEqual(names);
    for (const { modules } of policy.applications.values()) {
      expect([...modules]).toEqual(names.map((name) => [name, { prePurge: 'soft_purge' }]));
    }
    expect(await refused(await written('{"__proto__": {"allow": []}, "constructor": 1}'))).toContain(
      '__proto__: there is no such setting.',
    );
  });

  it('names transforms by paths relative to itself, and they must be there', async () => {
    const file = await written('{"transforms": ["./missing.mjs"]}');
    const { code, message } = await refusal(readPolicy(file));
    expect(code).toBe('transform');
    expect(message).toBe(
      `${join(folder, 'missing.mjs')}: there is no such transform. Correct its path; it is relative to the file that names it.`,
    );
  });
});

it.each([
  ['{}', []],
  ['{"a": {"a": {"a": 1}}, "b": ["a", "a", {"a": 1}, {"a": 1}]}', []],
  ['{"a": ":", "b": "{\\"a\\": 1, \\"a\\": 2}", "c": "\\\\"}', []],
  ['{"a": 1, "\\u0061": 2}', ['a']],
  ['[{"x": 1}, {"x y": 1, "x y": {"z": 1}}]', ['[1]["x y"]']],
  ['{"a": {"k": 1, "l": [{"k": 1}], "k": 2}}', ['a.k']],
])('keys that %s has more than once are found', (text, places) => {
  expect(repeatedKeys(text)).toEqual(places);
});

describe('the examples in docs/control.md', () => {
  const examples = async (language: string): Promise<string[]> => {
    const text = await readFile(join(__dirname, '../../../../docs/control.md'), 'utf8');
    return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(
      ([, code = '']) => code,
    );
  };

  it('are policies', async () => {
    const policies = await examples('json');
    expect(policies).toHaveLength(2);
    await writeFile(join(folder, 'transform.mjs'), 'export default () => undefined;');
    for (const text of policies) expect((await readPolicy(await written(text))).allow).toHaveLength(1);
  });

  it('are a transform', async () => {
    const [text = '', ...others] = await examples('js');
    expect(others).toEqual([]);
    const file = join(folder, 'example.mjs');
    await writeFile(file, text);
    const pair = literalPair({
      dummy: { modules: [changed('dummy_server')] },
      other: { modules: [changed('m')] },
    });
    const { appups } = planAppups([pair], new Map(), noPolicy, 'dependencies');
    const result = await transformSections(appups, [pair.difference], new Map(), loadTransforms([file]));
    const lines = formatAppups(result).split('\n');
    expect(
      lines.filter((line) => line.includes('apply') || line.includes('writes') || line.includes('done')),
    ).toEqual([
      '    {apply, {dummy_server, pause, []}}',
      '      % no writes from 1 to 2',
      '    {apply, {dummy_server, resume, []}}',
      '      % up is done',
      '    {apply, {dummy_server, pause, []}}',
      '      % no writes from 2 to 1',
      '    {apply, {dummy_server, resume, []}}',
      '      % down is done',
    ]);
  });

  it('are an appup', async () => {
    const [text = ''] = await examples('erlang');
    const appup = parseAppup(readFirstTerm(text, 'docs/control.md'), 'docs/control.md');
    expect([...appup.up, ...appup.down].flatMap(({ instructions }) => instructions).length).toBe(4);
  });
});
