import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askFactsOracle, type FactsOracle, type Stripped } from '../../test/facts/facts-oracle';
import { readRelease, type Release } from '../release';
import { openFolder } from '../release/folder-tree';
import { extractModuleFacts } from './extract-module-facts';
import { parseReleaseFacts, printReleaseFacts, readReleaseFacts, writeReleaseFacts } from './facts-file';
import { collectReleaseFacts, factsOf, type ReleaseFacts } from './release-facts';

let folder: string;
let oracle: FactsOracle;
let kept: ReleaseFacts;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nx-otp fäcts '));
  oracle = await askFactsOracle();
  kept = await collectReleaseFacts(await releaseOf('whole', undefined));
});
afterAll(() => rm(folder, { recursive: true }));

/** A release of the application `kept`, and of one that has the name of OTP's `stdlib`. */
async function releaseOf(name: string, stripped: Stripped | undefined): Promise<Release> {
  const root = join(folder, name);
  for (const [application, modules] of [
    ['kept', oracle.modules],
    ['stdlib', ['kept_server']],
  ] as const) {
    const ebin = join(root, `lib/${application}-1/ebin`);
    await mkdir(ebin, { recursive: true });
    await writeFile(
      join(ebin, `${application}.app`),
      `{application, ${application}, [{description, "x"}, {vsn, "1"}, {modules, []}, {registered, []}, {applications, []}]}.\n`,
    );
    for (const module of modules)
      await writeFile(join(ebin, `${module}.beam`), oracle.beam(module, stripped));
  }
  await mkdir(join(root, 'releases/1'), { recursive: true });
  await writeFile(
    join(root, 'releases/1/kept.rel'),
    '{release, {"kept", "1"}, {erts, "13.1.5"}, [{kept, "1"}, {stdlib, "1"}]}.\n',
  );
  await writeFile(join(root, 'releases/start_erl.data'), '13.1.5 1\n');
  return readRelease(root);
}

describe('the facts that are kept with a release', () => {
  it('are those of its own applications, not of OTP’s, unless they are asked for', async () => {
    expect(Object.keys(kept.applications)).toEqual(['kept']);
    expect(Object.keys(kept.applications['kept']?.modules ?? {})).toEqual(oracle.modules);
    const asked = await collectReleaseFacts(await releaseOf('asked', undefined), {
      applications: ['stdlib'],
    });
    expect(Object.keys(asked.applications)).toEqual(['stdlib']);
  });

  it.each<Stripped>(['beam_lib', 'relx', 'mix'])(
    'are after the strip of %s what the debug info said',
    (stripped) => {
      for (const module of oracle.modules) {
        const beam = oracle.open(module, stripped);
        expect(beam.debugInfo().kind).toBe('stripped');
        expect(factsOf(beam, 'kept', kept), module).toEqual(extractModuleFacts(oracle.open(module)));
      }
    },
  );

  it('come from where the beams lay before, for a release that is stripped already', async () => {
    const stripped = await releaseOf('stripped', 'relx');
    expect(await collectReleaseFacts(stripped)).toEqual({ applications: {} });
    const ebin = await openFolder(join(folder, 'whole/lib/kept-1/ebin'));
    expect(await collectReleaseFacts(stripped, { unstripped: new Map([['kept', ebin]]) })).toEqual(kept);
  });

  it('are read back from a folder and from a tarball, the same bytes for the same facts', async () => {
    const release = await releaseOf('travels', 'relx');
    expect(await readReleaseFacts(release)).toBeUndefined();
    await writeReleaseFacts(release, kept);
    const file = join(release.path, 'releases/1/facts.json');
    const bytes = await readFile(file, 'utf8');
    expect(bytes).toBe(printReleaseFacts(await collectReleaseFacts(await releaseOf('again', undefined))));
    expect(bytes.length).toBeLessThan(14_000);
    expect(await readReleaseFacts(await readRelease(release.path))).toEqual(kept);
    const tarball = join(folder, 'travels.tar.gz');
    execFileSync('tar', ['-czf', tarball, '-C', release.path, 'lib', 'releases']);
    expect(await readReleaseFacts(await readRelease(tarball))).toEqual(kept);
    await expect(writeReleaseFacts(await readRelease(tarball), kept)).rejects.toMatchObject({
      code: 'facts-file',
    });
  });

  it('are believed for exactly the code they were made from', () => {
    const entry = kept.applications['kept']?.modules['kept_server'];
    if (entry === undefined) throw new Error('There are no facts of kept_server.');
    const of = (md5: string): ReleaseFacts => ({
      applications: { kept: { version: '1', modules: { kept_server: { ...entry, md5 } } } },
    });
    const beam = oracle.open('kept_server', 'mix');
    expect(factsOf(beam, 'kept', of(entry.md5)).records).toEqual(entry.facts.records);
    expect(factsOf(beam, 'kept', of('0'.repeat(32))).records).toEqual({
      unknown: 'no debug info and no facts for this code',
    });
  });

  it.each([
    ['{', 'expected JSON, found something else'],
    ['[]', 'expected an object'],
    ['{"version":3,"applications":{}}', 'expected version 2, found 3'],
    ['{"applications":{}}', 'expected version 2, found undefined'],
    ['{"version":2}', 'expected an object "applications"'],
    [
      '{"version":2,"applications":{"a":{"version":"1","modules":{"m":{"md5":"0","facts":{}}}}}}',
      'applications.a.modules.m.facts.behaviours is missing or not of its kind',
    ],
  ])('are refused as %s', (text, problem) => {
    expect(() => parseReleaseFacts(text, 'facts.json')).toThrow(
      expect.objectContaining({
        code: 'facts-file',
        file: 'facts.json',
        problem: expect.stringContaining(problem) as string,
      }),
    );
  });

  it('are left aside where an earlier version of this project kept them: they say less', () => {
    expect(parseReleaseFacts('{"version":1,"applications":{}}', 'facts.json')).toBeUndefined();
  });
});

it('whatever one value of the file is replaced by, reading gives facts of the right shape or facts-file', () => {
  const text = printReleaseFacts(kept);
  const places: (string | number)[][] = [];
  const visit = (value: unknown, path: (string | number)[]): void => {
    if (path.length > 0) places.push(path);
    if (typeof value !== 'object' || value === null) return;
    for (const [key, item] of Object.entries(value)) visit(item, [...path, key]);
  };
  visit(JSON.parse(text), []);
  let refused = 0;
  for (const path of places) {
    for (const other of [null, 1, 'x', [], [null], {}, true]) {
      const root = JSON.parse(text) as Record<string, unknown>;
      let at: Record<string, unknown> = root;
      for (const key of path.slice(0, -1)) at = at[key] as Record<string, unknown>;
      at[path.at(-1) ?? ''] = other;
      try {
        const facts = parseReleaseFacts(JSON.stringify(root), 'facts.json');
        if (facts !== undefined) expect(() => printReleaseFacts(facts)).not.toThrow();
      } catch (error) {
        expect(error).toMatchObject({ code: 'facts-file' });
        refused += 1;
      }
    }
  }
  expect(refused).toBeGreaterThan(places.length * 4);
});

describe('without kept facts, a stripped beam', () => {
  const missing = { unknown: 'no debug info and no facts for this code' };

  it('says what attributes, exports and imports tell, and that the rest is unknown', () => {
    expect(factsOf(oracle.open('kept_server', 'relx'), 'kept', undefined)).toEqual({
      behaviours: ['gen_server'],
      records: missing,
      struct: null,
      codeChange: { 'code_change/3': 'trivial' },
      states: missing,
      supervisors: [],
      childSpec: null,
      dynamicCalls: missing,
      starts: missing,
      callbacks: null,
      callbackMode: null,
      otherCalls: missing,
      codeChangeCalls: missing,
      lingers: missing,
      usedRecords: missing,
      startResult: null,
      handsOn: missing,
    });
    expect(factsOf(oracle.open('kept_server', 'beam_lib'), 'kept', undefined)).toMatchObject({
      behaviours: missing,
      supervisors: missing,
    });
  });

  it('still has the struct of an Elixir module', () => {
    expect(factsOf(oracle.open('Elixir.Kept.Server', 'mix'), 'kept', undefined).struct).toEqual([
      'count',
      'name',
    ]);
  });

  it.each<[Stripped]>([['relx'], ['mix']])(
    'of %s has the children of a supervisor whose init/1 is a literal, and no others',
    (stripped) => {
      const supervisors = (module: string) =>
        factsOf(oracle.open(module, stripped), 'kept', undefined).supervisors;
      expect(supervisors('kept_literal_sup')).toEqual([
        {
          kind: 'callback',
          function: 'init/1',
          name: missing,
          strategy: 'one_for_one',
          flags: '1, 5',
          children: [
            {
              id: 'only',
              startModule: 'kept_server',
              function: 'start_link',
              arity: 1,
              restart: 'temporary',
              shutdown: '100',
              type: 'worker',
              modules: ['kept_server'],
              args: '[name]',
            },
          ],
          sideEffects: [],
        },
      ]);
      expect(supervisors('kept_sup')).toEqual([
        {
          kind: 'callback',
          function: 'init/1',
          name: missing,
          strategy: missing,
          children: missing,
          sideEffects: missing,
        },
      ]);
      expect(supervisors('Elixir.Kept.Application')).toEqual(missing);
    },
  );
});
