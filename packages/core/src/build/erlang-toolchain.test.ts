import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { onPath } from './erlang-toolchain';

const work = mkdtempSync(join(tmpdir(), 'nx-otp-path-'));
afterAll(() => rmSync(work, { recursive: true }));

it('finds a program by the endings that the system adds to its name', () => {
  for (const [folder, file] of [
    ['one', 'rebar3'],
    ['two', 'rebar3.cmd'],
  ] as const) {
    mkdirSync(join(work, folder));
    writeFileSync(join(work, folder, file), '');
  }
  const path = [join(work, 'none'), join(work, 'one'), join(work, 'two')].join(delimiter);
  expect(onPath('rebar3', path, [''])).toBe(join(work, 'one', 'rebar3'));
  expect(onPath('rebar3', path, ['.exe', '.cmd'])).toBe(join(work, 'two', 'rebar3.cmd'));
  expect(onPath('mix', path)).toBeUndefined();
});
