import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refusal } from '../../test/archives/refusal';
import { zipBytes } from '../../test/archives/zip-bytes';
import { appFile, buildRelease, type ApplicationFields } from '../../test/releases/build-release';
import { compileModules, type CompiledModule } from '../../test/releases/compile-modules';
import { readRelease, type FileTree, type Release } from '../release';
import { diffReleases } from './diff-releases';
import { differingFiles } from './differing-files';

const sources = {
  one: '-module(m).\n-export([f/0]).\nf() -> 1.\n',
  comment: '%% In another folder, with a comment.\n-module(m).\n-export([f/0]).\nf() -> 1.\n',
  attribute: '-module(m).\n-owner(me).\n-export([f/0]).\nf() -> 1.\n',
  two: '-module(m).\n-behaviour(gen_server).\n-export([f/0, init/1, handle_call/3, handle_cast/2]).\nf() -> lists:sum([2]).\ninit(S) -> {ok, S}.\nhandle_call(_, _, S) -> {reply, S, S}.\nhandle_cast(_, S) -> {noreply, S}.\n',
  other: '-module(other).\n-export([f/0]).\nf() -> 1.\n',
} as const;

let folder: string;
let compiled: Record<keyof typeof sources, CompiledModule>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nx-otp diff ü-'));
  compiled = await compileModules(sources);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let count = 0;
const newFolder = (): string => join(folder, `release ${++count}`);

async function release(version: string, ...applications: ApplicationFields[]): Promise<Release> {
  return readRelease(await buildRelease(newFolder(), { version, applications }));
}

type Content = Omit<ApplicationFields, 'name' | 'version'>;

/** What differs in the application `x` from 1 to 2. */
async function diffOf(previous: Content, next: Content) {
  const { kept } = await diffReleases(
    await release('1', { name: 'x', version: '1', ...previous }),
    await release('2', { name: 'x', version: '2', ...next }),
  );
  const { modules, files } = kept.at(-1) ?? {};
  return { modules: modules?.map(summary), files: files?.map(({ kind, path }) => `${kind} ${path}`) };
}

function summary(module: {
  kind: string;
  name: string;
  change?: string;
  differences?: readonly string[];
}): string {
  return [module.kind, module.name, module.change, ...(module.differences ?? [])].filter(Boolean).join(' ');
}

const app = 'changed ebin/x.app';
const m = (name: keyof typeof sources): Content => ({ beams: { m: compiled[name].beam } });

describe('a module', () => {
  it('that is the same is no difference', async () => {
    expect(await diffOf(m('one'), m('one'))).toEqual({ modules: [], files: [app] });
  });

  it('whose code changed has the facts of both sides', async () => {
    const { kept } = await diffReleases(
      await release('1', { name: 'x', version: '1', ...m('one') }),
      await release('2', { name: 'x', version: '2', ...m('two') }),
    );
    expect(kept.at(-1)?.modules).toMatchObject([
      {
        kind: 'changed',
        name: 'm',
        change: 'code',
        previous: { name: 'm', behaviours: [], hasAttributes: true },
        next: {
          name: 'm',
          behaviours: ['gen_server'],
          exports: new Set([
            'f/0',
            'init/1',
            'handle_call/3',
            'handle_cast/2',
            'module_info/0',
            'module_info/1',
          ]),
          calls: new Map([
            ['erlang', new Set(['get_module_info/1', 'get_module_info/2'])],
            ['lists', new Set(['sum/1'])],
          ]),
        },
      },
    ]);
  });

  it('of which only an attribute changed is changed', async () => {
    expect(await diffOf(m('one'), m('attribute'))).toEqual({
      modules: ['changed m attributes'],
      files: [app],
    });
  });

  it('that was built in another folder, with another comment, is equivalent', async () => {
    expect(await diffOf(m('one'), m('comment'))).toEqual({
      modules: ['equivalent m compile-info debug-info line-numbers'],
      files: [app],
    });
  });

  it('that was stripped on one side only is equivalent', async () => {
    expect((await diffOf(m('one'), { beams: { m: compiled.one.stripped } })).modules).toEqual([
      'equivalent m compile-info debug-info locals',
    ]);
  });

  it('may come and go', async () => {
    const twoModules = { beams: { m: compiled.one.beam, other: compiled.other.beam } };
    expect((await diffOf(m('one'), twoModules)).modules).toEqual(['added other']);
    expect((await diffOf(twoModules, m('one'))).modules).toEqual(['removed other']);
  });

  it('comes and goes with its line in the .app, though its file stays the same', async () => {
    const beams = { m: compiled.one.beam, other: compiled.other.beam };
    expect((await diffOf({ beams, listed: ['other'] }, { beams })).modules).toEqual(['added m']);
    expect((await diffOf({ beams }, { beams, listed: ['other'] })).modules).toEqual(['removed m']);
  });

  it('that no .app lists is a file, where its code differs', async () => {
    const unlisted = (content: Content): Content => ({ ...content, listed: [] });
    expect(await diffOf(unlisted(m('one')), unlisted(m('two')))).toEqual({
      modules: [],
      files: ['changed ebin/m.beam', app],
    });
    expect((await diffOf(unlisted(m('one')), unlisted(m('comment')))).files).toEqual([app]);
  });

  it('that the .app lists and nobody compiled is an error', async () => {
    const content = { ...m('one'), listed: ['m', 'gone'] };
    const { code, message } = await refusal(diffOf(m('one'), content));
    expect(code).toBe('module-missing');
    expect(message).toMatch(
      /\/lib\/x-2\/ebin\/x\.app: the modules gone are listed, but ebin holds no beam of theirs\./,
    );
  });

  it('that is damaged, or another one than its file says, is an error that names the file', async () => {
    for (const beam of [compiled.one.beam.subarray(0, 40), Buffer.from('no beam'), compiled.other.beam]) {
      const { code, message } = await refusal(diffOf(m('one'), { beams: { m: beam } }));
      expect(code).toBe('beam-corrupt');
      expect(message).toContain('/lib/x-2/ebin/m.beam: ');
    }
  });
});

describe('other files', () => {
  it('differ by content and by whether they are executable, the appup not at all', async () => {
    const before = { files: { 'priv/a': 'a', 'priv/b': 'b', 'ebin/x.appup': '1' } };
    const after = { files: { 'priv/b': 'B', 'priv/c': 'c', 'ebin/x.appup': '2' } };
    expect((await diffOf(before, after)).files).toEqual([
      app,
      'removed priv/a',
      'changed priv/b',
      'added priv/c',
    ]);

    const previous = await release('1', { name: 'x', version: '1', files: { 'priv/run': '' } });
    const next = await release('2', { name: 'x', version: '1', files: { 'priv/run': '' } });
    await chmod(join(next.path, 'lib/x-1/priv/run'), 0o755);
    const { kept } = await diffReleases(previous, await readRelease(next.path));
    expect(kept.at(-1)?.files).toEqual([{ kind: 'changed', path: 'priv/run' }]);
  });

  it('in bin are told apart, because no package brings them', async () => {
    const next = await buildRelease(newFolder(), {
      version: '2',
      applications: [],
      files: { 'bin/dummy': '#!/bin/bash' },
    });
    const { startScripts } = await diffReleases(await release('1'), await readRelease(next));
    expect(startScripts).toEqual([{ kind: 'changed', path: 'bin/dummy' }]);
  });
});

describe('applications', () => {
  it('are added, removed and kept', async () => {
    const difference = await diffReleases(
      await release('1', { name: 'old', version: '1' }, { name: 'x', version: '1' }),
      await release('2', { name: 'x', version: '1' }, { name: 'new', version: '1' }),
    );
    expect(difference.added.map(({ name }) => name)).toEqual(['new']);
    expect(difference.removed.map(({ name }) => name)).toEqual(['old']);
    expect(difference.kept.map(({ name, modules, files }) => [name, modules, files])).toEqual([
      ['kernel', [], []],
      ['stdlib', [], []],
      ['sasl', [], []],
      ['x', [], []],
    ]);
  });

  it('that come or go are loaded whole, so stripped and missing modules in them are found', async () => {
    const stripped = {
      name: 'new',
      version: '3',
      beams: { m: compiled.one.stripped, other: compiled.other.beam },
    };
    const { stripped: found } = await diffReleases(await release('1'), await release('2', stripped));
    expect(found).toEqual([{ application: 'new', version: '3', modules: ['m'] }]);
    const missing = await release('2', { name: 'new', version: '3', listed: ['gone'] });
    expect((await refusal(diffReleases(missing, await release('3')))).code).toBe('module-missing');
  });

  it('are the same in a folder, in a tarball and in an archive', async () => {
    const fields = { name: 'x', version: '1', ...m('one'), files: { 'priv/a': 'a' } };
    const inFolder = await release('1', fields);
    const tarball = join(folder, 'same.tar.gz');
    execFileSync('tar', ['-czf', tarball, '-C', inFolder.path, 'bin', 'lib', 'releases']);
    const archived = await buildRelease(newFolder(), {
      version: '1',
      applications: [{ name: 'x', version: '1' }],
      files: {
        'lib/x-1/ebin/x.app': undefined,
        'lib/x-1.ez': zipBytes([
          { name: 'x-1/ebin/x.app', content: appFile(fields) },
          { name: 'x-1/ebin/m.beam', content: compiled.one.beam },
          { name: 'x-1/priv/a', content: 'a' },
        ]),
      },
    });
    for (const path of [tarball, archived]) {
      const { kept } = await diffReleases(await readRelease(path), inFolder);
      expect(kept.at(-1)).toMatchObject({ name: 'x', modules: [], files: [] });
    }
    const next = await release('2', { ...fields, version: '2', ...m('two'), files: { 'priv/a': 'b' } });
    const { kept } = await diffReleases(await readRelease(tarball), next);
    expect(kept.at(-1)?.modules.map(summary)).toEqual(['changed m code']);
    expect(kept.at(-1)?.files.map(({ path }) => path)).toEqual(['ebin/x.app', 'priv/a']);
  });
});

describe('memory', () => {
  it('holds one pair of differing files of folders at a time, and none that nobody asked for', async () => {
    const reads: string[] = [];
    const tree = (side: string): FileTree => ({
      kind: 'folder',
      origin: side,
      files: ['a', 'b', 'big'].map((path, index) => ({
        path,
        size: side === 'old' ? index : 9,
        mode: 0o644,
      })),
      read: (path) => {
        reads.push(`${side} ${path}`);
        return Promise.resolve(Buffer.from(side));
      },
      readMany: (paths) => {
        expect([...paths]).toEqual([]);
        return Promise.resolve();
      },
      hashes: (paths) => {
        expect([...paths]).toEqual([]);
        return Promise.resolve(new Map());
      },
    });
    const pair = { previous: tree('old'), next: tree('new') };
    const found: string[] = [];
    for await (const { difference } of differingFiles([pair], (path) => path !== 'big')) {
      found.push(difference.path);
      expect(reads).toHaveLength(2 * found.filter((path) => path !== 'big').length);
      expect(difference.next?.toString()).toBe(difference.path === 'big' ? undefined : 'new');
    }
    expect(found).toEqual(['a', 'b', 'big']);
    expect(reads).toEqual(['old a', 'new a', 'old b', 'new b']);
  });
});
