import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { listElements, list, printTerm, readFirstTerm, type Term } from '../erlang';
import { layOver, mergeConfiguration, readOverlay } from './scratch-release';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'scratch release '));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const termsOf = (text: string): readonly Term[] => listElements(readFirstTerm(`${text}.`, 'test').term) ?? [];

it('configuration is laid over key by key', () => {
  const merged = mergeConfiguration(
    termsOf('[{a, [{x, 1}, {y, 2}]}, "other.config", {b, []}]'),
    termsOf('[{a, [{y, 3}, {z, 4}]}, {c, [{p, 1}]}]'),
  );
  expect(printTerm(list(merged))).toBe(
    '[{a, [{x, 1}, {y, 3}, {z, 4}]}, "other.config", {b, []}, {c, [{p, 1}]}]',
  );
});

it('a sys.config keeps what mix says in its comments', () => {
  mkdirSync(join(folder, 'releases', '1'), { recursive: true });
  const file = join(folder, 'releases', '1', 'sys.config');
  writeFileSync(file, '%% coding: utf-8\n%% RUNTIME_CONFIG=true\n[{a,[{x,1}]}].\n');
  layOver(folder, '1', readFirstTerm('[{a, [{x, 2}]}].', 'test').term);
  expect(readFileSync(file, 'utf8')).toBe('%% coding: utf-8\n%% RUNTIME_CONFIG=true\n[{a, [{x, 2}]}].\n');
});

it('what is laid over has the form of a sys.config', () => {
  const file = join(folder, 'rehearsal.config');
  expect(() => readOverlay(file)).toThrow('there is no such file of configuration.');
  writeFileSync(file, '[a].');
  expect(() => readOverlay(file)).toThrow('expected one list, [{application, [{key, value}]}].');
});
