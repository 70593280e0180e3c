import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { changedSince } from './changed-since';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'changed since '));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

it('a source that is younger than what was made counts, and what was made or fetched does not', () => {
  const write = (path: string, second: number): void => {
    const file = join(folder, path);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, '');
    utimesSync(file, second, second);
  };
  mkdirSync(join(folder, 'made'));
  utimesSync(join(folder, 'made'), 100, 100);
  write('app/src/a.erl', 99);
  for (const made of [
    'app/ebin/a.beam',
    'app/dist/x',
    'app/deps/b/src/b.erl',
    'app/test/t.erl',
    'app/.nx/x',
  ]) {
    write(made, 101);
  }
  const changed = (): boolean => changedSince(join(folder, 'app'), join(folder, 'made'));
  expect(changed()).toBe(false);
  write('app/src/deep/b.erl', 101);
  expect(changed()).toBe(true);
});
