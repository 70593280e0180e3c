import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { librariesOfEnvironment, unseenInputs, type Purpose } from './unseen-inputs';

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'nx-otp unseen ü-')));
  write('ws/dummy/rel/reltool.config', '{overlay, [{copy, "{{target_dir}}/x", "y"}]}.');
  write('ws/dummy/priv/run.sh', '');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

const unseen = (purpose: Purpose, tool: 'reltool' | 'mix' = 'reltool') =>
  unseenInputs(join(folder, 'ws'), 'dummy', tool, purpose);

it('of a release are executable bits, empty folders, and files behind links to folders', () => {
  const seen = [unseen('release')];
  const compiled = unseen('compile');
  const and = (step: () => void): void => {
    step();
    seen.push(unseen('release'));
  };
  and(() => chmodSync(join(folder, 'ws/dummy/priv/run.sh'), 0o755));
  and(() => mkdirSync(join(folder, 'ws/dummy/priv/empty')));
  write('shared/a', '1');
  and(() => symlinkSync(join(folder, 'shared'), join(folder, 'ws/dummy/priv/shared')));
  and(() => write('shared/a', '2'));
  expect(new Set(seen.map(({ files }) => files)).size).toBe(seen.length);
  expect(unseen('compile')).toEqual(compiled);

  mkdirSync(join(folder, 'ws/dummy/dist/empty'), { recursive: true });
  mkdirSync(join(folder, 'ws/dummy/node_modules/empty'), { recursive: true });
  chmodSync(join(folder, 'ws/dummy/priv/run.sh'), 0o775);
  expect(unseen('release')).toEqual(seen.at(-1));
});

it('of a compilation are sources behind links to folders, and what people keep in ebin', () => {
  const seen = [unseen('compile')];
  const and = (step: () => void): void => {
    step();
    seen.push(unseen('compile'));
  };
  write('shared/a.erl', '1');
  mkdirSync(join(folder, 'ws/dummy/src'));
  symlinkSync('..', join(folder, 'shared/circle'));
  and(() => symlinkSync(join(folder, 'shared'), join(folder, 'ws/dummy/src/shared')));
  and(() => write('shared/a.erl', '2'));
  and(() => write('ws/dummy/apps/a/ebin/a.appup', '{"1", [], []}.'));
  expect(new Set(seen.map(({ files }) => files)).size).toBe(seen.length);

  write('ws/dummy/apps/a/ebin/a.beam', '');
  write('ws/dummy/apps/b/ebin/b.appup', '{"1", [], []}.\n%% Copied from apps/b/src/b.appup\n');
  expect(unseen('compile')).toEqual(seen.at(-1));
});

it('are the name of the machine and the folder where a template writes them, and nowhere else', () => {
  expect(Object.keys(unseen('release'))).toEqual(['files']);
  write('ws/dummy/rel/files/vm.args', '-name x@{{ hostname }}');
  expect(unseen('release')).toMatchObject({ hostname: hostname() });
  write('ws/dummy/rel/files/vm.args', '-data {{target_dir}}/data');
  expect(unseen('release')).toMatchObject({ folder: join(folder, 'ws/dummy') });
  expect(unseen('release')).not.toHaveProperty('hostname');
  write('ws/dummy/rel/files/vm.args', '');
  write('ws/dummy/rel/reltool.config', '{overlay, [{replace, "a", "x", "{{hostname}}"}]}.');
  expect(unseen('release')).toMatchObject({ hostname: hostname() });
  expect(unseen('compile')).not.toHaveProperty('hostname');
});

it('are files that build files name outside of the workspace', () => {
  const named = join(folder, 'site/site.txt');
  write('ws/dummy/rel/reltool.config', `{overlay, [{copy, "${named}", "a"}, {copy, "/etc", "b"}]}.`);
  const compiled = unseen('compile');
  const seen = [unseen('release')];
  write('site/site.txt', '1');
  seen.push(unseen('release'));
  write('site/site.txt', '2');
  seen.push(unseen('release'));
  expect(new Set(seen.map(({ files }) => files)).size).toBe(3);
  expect(unseen('compile')).toEqual(compiled);
});

it('are the libraries of ERL_LIBS, by their content and not by their place', () => {
  expect(librariesOfEnvironment('')).toBe(undefined);
  write('libs/a/ebin/a.app', '1');
  const before = librariesOfEnvironment(join(folder, 'libs'));
  renameSync(join(folder, 'libs'), join(folder, 'elsewhere'));
  expect(librariesOfEnvironment(join(folder, 'elsewhere'))).toBe(before);
  write('elsewhere/a/ebin/a.app', '2');
  expect(librariesOfEnvironment(join(folder, 'elsewhere'))).not.toBe(before);
});
