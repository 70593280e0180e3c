import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import glob from 'fast-glob';
import { beforeAll, describe, expect, it } from 'vitest';
import { askFactsOracle } from '../../test/facts/facts-oracle';
import { type BeamFile, openBeam } from '../beam';
import { extractModuleFacts } from './extract-module-facts';
import type { KeptFacts } from './model';

describe('every module of OTP and Elixir on this machine', () => {
  const facts = new Map<string, KeptFacts>();
  const names = new Map<string, string>();
  let slowest = 0;

  beforeAll(async () => {
    const otp = execFileSync('erl', [
      '-noshell',
      '-eval',
      'io:put_chars(code:lib_dir()), halt().',
    ]).toString();
    const elixir = realpathSync(execFileSync('which', ['elixir']).toString().trim());
    const elixirLib = join(dirname(dirname(elixir)), 'lib');
    const found = await Promise.all(
      [otp, elixirLib].map((cwd) => glob('*/ebin/*.beam', { cwd, absolute: true })),
    );
    expect(found.map((files) => files.length > 200)).toEqual([true, true]);
    for (const file of found.flat()) {
      const beam: BeamFile = openBeam(await readFile(file), file);
      const start = performance.now();
      facts.set(beam.name, extractModuleFacts(beam));
      names.set(file, beam.name);
      slowest = Math.max(slowest, performance.now() - start);
    }
  }, 120_000);

  it('has facts, none of them after more than a few seconds', () => {
    expect(facts.size).toBeGreaterThan(1000);
    expect(slowest).toBeLessThan(5000);
  });

  it('has the records that beam_lib and Erlang read from it', async () => {
    const { records } = await askFactsOracle();
    expect(records.size).toBeGreaterThanOrEqual(200);
    for (const [file, defined] of records) {
      expect(facts.get(names.get(file) ?? '')?.records, file).toEqual(Object.fromEntries(defined));
    }
    expect([...records.values()].reduce((count, { size }) => count + size, 0)).toBeGreaterThan(200);
  });

  it('that is a supervisor mostly tells its children', () => {
    const supervisors = [...facts.values()].flatMap((module) =>
      'unknown' in module.supervisors ? [] : module.supervisors,
    );
    const known = supervisors.filter(({ children }) => !('unknown' in children));
    expect(supervisors.length).toBeGreaterThan(60);
    expect(known.length).toBeGreaterThan(supervisors.length / 2);
    expect(facts.get('ssl_sup')?.supervisors).toMatchObject([
      {
        name: 'ssl_sup',
        children: [{ id: 'ssl_admin_sup' }, { id: 'ssl_connection_sup' }],
      },
    ]);
  });

  it('that keeps a state mostly tells its shape', () => {
    const states = [...facts.values()].flatMap(({ states: shapes }) => ('unknown' in shapes ? [] : shapes));
    const known = states.filter((shape) => !('unknown' in shape));
    expect(known.length).toBeGreaterThan(100);
    expect(facts.get('Elixir.Registry.Partition')?.codeChange).toEqual({ 'code_change/3': 'default' });
  });
});
