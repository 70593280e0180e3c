import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refusal } from '../../test/archives/refusal';
import { buildRelease } from '../../test/releases/build-release';
import { keptSection, parseInstruction, readKeptAppups } from '../appup';
import { printTerm, readFirstTerm } from '../erlang';
import { readRelease } from '../release';
import { reviewableAppups } from './reviewable-appups';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nx-otp reviewable ü-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const why = 'it is only in the version that is entered';
const generated = (direction: string, version: string, ...instructions: string[]) => ({
  direction,
  version,
  origin: 'generated',
  instructions: instructions.map((instruction) => ({ instruction, reason: why })),
});
const index = (...sections: object[]): string =>
  JSON.stringify({ applications: [{ name: 'x', version: '2', sections }] });

describe('an appup for review', () => {
  it('has both directions of a pair, and the reason above each instruction', () => {
    const [appup, ...others] = reviewableAppups(
      index(generated('up', '1', '{add_module, m}', '{update, n, {advanced, []}}'), generated('down', '1')),
      'appups.json',
    );
    expect(others).toEqual([]);
    expect(appup).toEqual({
      application: 'x',
      from: '1',
      to: '2',
      path: 'x/1_to_2.appup',
      written: [],
      text: `%% coding: utf-8
%% x 1 -> 2 and back. Planned by nx-otp, with the reason above each instruction, for you to review
%% and change. For this version pair the file wins over what is planned; delete it to have that
%% again.
{"2",
 [{"1", [
    % ${why}
    {add_module, m},
    % ${why}
    {update, n, {advanced, []}}
  ]}],
 [{"1", []}]}.
`,
    });
  });

  it('is one for each base, without what people wrote', () => {
    const kept = {
      direction: 'up',
      version: '1',
      origin: 'kept',
      instructions: [{ instruction: '{update, m}' }],
    };
    const appups = reviewableAppups(
      index(
        kept,
        { ...kept, direction: 'down' },
        { ...kept, version: '1.5' },
        generated('down', '1.5', '{load_module, m}'),
      ),
      'appups.json',
    );
    expect(appups.map(({ path, written }) => [path, written])).toEqual([['x/1.5_to_2.appup', ['up']]]);
    expect(appups[0]?.text).toContain('{"2",\n [],\n [{"1.5", [\n    %');
  });

  it('is read back as the same instructions', async () => {
    const instructions = [
      "{update, 'Elixir.Größe.Ω', {advanced, {from, \"ü 漢字\", <<\"ö\"/utf8>>, #{a => 1.0e-7}, 'a b'}}, ['Elixir.A', 'it''s']}".replaceAll(
        "''",
        "\\'",
      ),
      '{update, m, 10000, soft, soft_purge, brutal_purge, []}',
      '{update, m, supervisor}',
      "{load_module, 'Elixir.Mix', soft_purge, brutal_purge, [a, b]}",
      '{add_application, y, load}',
      '{apply, {erl_eval, exprs, [[{atom, 1, ok}], [], "%% no comment", $., [$\\n | t]]}}',
      'point_of_no_return',
      '{sync_nodes, {id, 1}, {m, f, []}}',
      'restart_new_emulator',
      `{apply, {m, f, [${Array.from({ length: 60 }, (_, at) => `{key_${at}, "value ${at}"}`).join(', ')}]}}`,
    ];
    const reason = `two\nlines, a \u0085 control character, and no end.\n{wrong}. ${'long '.repeat(60)}`;
    const section = (direction: string, chosen: readonly string[]) => ({
      direction,
      version: '1.0-ü',
      origin: 'generated',
      instructions: chosen.map((instruction) => ({ instruction, reason })),
    });
    const reversed = [...instructions].reverse();
    const root = join(folder, 'appups Ω');
    for (const { path, text } of reviewableAppups(
      index(section('up', instructions), section('down', reversed)),
      'appups.json',
    )) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), text);
      const comments = text.split('\n').filter((line) => line.trim().startsWith('%'));
      expect(comments.filter((line) => line.length > 100)).toEqual([]);
    }
    const release = await readRelease(
      await buildRelease(join(folder, 'release'), {
        version: '2',
        applications: [{ name: 'x', version: '2', files: {} }],
      }),
    );
    const x = release.applications.find(({ name }) => name === 'x');
    if (x === undefined) throw new Error('there is no x');
    const kept = await readKeptAppups(x, root);
    const meant = (texts: readonly string[]) =>
      texts.map((text) => parseInstruction(readFirstTerm(`${text}\n.`, 'test').term));
    expect(keptSection(kept, '2', 'up', '1.0-ü')?.instructions).toEqual(meant(instructions));
    expect(keptSection(kept, '2', 'down', '1.0-ü')?.instructions).toEqual(meant(reversed));
    expect(printTerm(kept[0]?.up[0]?.instructions[0]?.term ?? { kind: 'atom', name: '' })).toContain(
      "'Elixir.Größe.Ω'",
    );
  });

  it.each([
    ['../1', '2'],
    ['.1', '2'],
    ['1_to_2', '3'],
    ['1', '2_to_3'],
    ['1', '2/3'],
    ['1\n', '2'],
  ])('is refused where no file can be named for %j to %j', async (from, to) => {
    const text = JSON.stringify({
      applications: [{ name: 'x', version: to, sections: [generated('up', from, '{load_module, m}')] }],
    });
    const refused = await refusal(Promise.resolve().then(() => reviewableAppups(text, 'appups.json')));
    expect(refused.code).toBe('version-name');
    expect(refused.message).toContain('src/x.appup');
  });

  it.each([
    '',
    'null',
    '[]',
    '{}',
    '{"applications":{}}',
    '{"applications":[1]}',
    '{"applications":[{"name":"x","version":"2"}]}',
    index({}),
    index(generated('sideways', '1')),
    index(generated('up', '1', '{load_module')),
    index(generated('up', '1', '{no_instruction}')),
  ])('is not made of %s', async (text) => {
    const refused = await refusal(Promise.resolve().then(() => reviewableAppups(text, 'appups.json')));
    expect(refused).toEqual({
      code: 'appups-missing',
      message: 'appups.json: this is not the index of a folder of generated appups.',
    });
  });
});
