import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { checkoutsFingerprint } from './checkouts';

let workspaceRoot: string;
let library: string;
beforeEach(() => {
  workspaceRoot = mkdtempSync(join(tmpdir(), 'checkouts '));
  library = mkdtempSync(join(tmpdir(), 'a library '));
  mkdirSync(join(workspaceRoot, 'shop/_checkouts'), { recursive: true });
  mkdirSync(join(library, 'src'));
});
afterEach(() => {
  for (const folder of [workspaceRoot, library]) rmSync(folder, { recursive: true });
});

it('follows links, and changes with what they lead to', () => {
  symlinkSync(library, join(workspaceRoot, 'shop/_checkouts/library'));
  symlinkSync('..', join(library, 'src/circle'));
  symlinkSync('nowhere', join(library, 'src/dangling'));
  writeFileSync(join(library, 'src/a.erl'), 'one');
  const before = checkoutsFingerprint(workspaceRoot);
  expect(before).toMatch(/^[0-9a-f]{16}$/);
  expect(checkoutsFingerprint(workspaceRoot)).toBe(before);
  mkdirSync(join(library, '_build'));
  writeFileSync(join(library, '_build/made'), 'by rebar3');
  expect(checkoutsFingerprint(workspaceRoot)).toBe(before);
  writeFileSync(join(library, 'src/a.erl'), 'two');
  expect(checkoutsFingerprint(workspaceRoot)).not.toBe(before);
});

it('is nothing where there are none', () => {
  rmSync(join(workspaceRoot, 'shop/_checkouts'), { recursive: true });
  mkdirSync(join(workspaceRoot, 'node_modules/x/_checkouts'), { recursive: true });
  expect(checkoutsFingerprint(workspaceRoot)).toBe(undefined);
});
