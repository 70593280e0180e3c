import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  collectReleaseFacts,
  formatAppups,
  formatDiagnostic,
  openTree,
  planUpgrade,
  readRelease,
  writeReleaseFacts,
  type UpgradePlan,
} from '@nx-otp/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { elixirFindings } from './support/elixir-findings.js';
import { elixirSources } from './support/elixir-sources.js';
import { mixRelease } from './support/other-layouts.js';

const work = realpathSync(mkdtempSync(join(tmpdir(), 'nx-otp-elixir-plans-')));

afterAll(() => rmSync(work, { recursive: true, force: true }));

async function plan(base: string, next: string): Promise<UpgradePlan> {
  return planUpgrade({ previous: [await readRelease(base)], next: await readRelease(next) });
}

/** As mix calls it, the folder of the release; what was built before it was stripped lies beside it. */
async function keepFacts(release: string): Promise<void> {
  const opened = await readRelease(release);
  const unstripped = new Map(
    await Promise.all(
      ['mixy', 'mixlib'].map(
        async (name) => [name, await openTree(join(release, '../../lib', name, 'ebin'))] as const,
      ),
    ),
  );
  await writeReleaseFacts(opened, await collectReleaseFacts(opened, { unstripped }));
}

const findings = ({ diagnostics }: UpgradePlan): string[] =>
  diagnostics
    .filter(({ code }) => code !== 'releases-file-missing')
    .map(formatDiagnostic)
    .sort();

const subjects = (planned: UpgradePlan): string[] =>
  findings(planned).map((finding) => finding.slice(0, finding.indexOf(':')));

describe('releases that mix strips', () => {
  let whole: UpgradePlan;
  let stripped: UpgradePlan;
  let kept: UpgradePlan;

  beforeAll(async () => {
    const pair = (folder: string, strip: boolean): Promise<string[]> =>
      Promise.all([
        mixRelease(join(work, folder), '0.1.0', '', elixirSources('earlier', strip)),
        mixRelease(join(work, folder), '0.2.0', '', elixirSources('later', strip)),
      ]);
    const [before = '', after = ''] = await pair('whole', false);
    whole = await plan(before, after);
    const [base = '', next = ''] = await pair('stripped', true);
    stripped = await plan(base, next);
    await keepFacts(base);
    await keepFacts(next);
    kept = await plan(base, next);
  });

  test('are planned with the facts kept beside them as if they were not stripped', () => {
    expect(kept.appups).toEqual(whole.appups);
    expect(kept.relup).toEqual(whole.relup);
    expect(findings(kept)).toEqual(findings(whole));
  });

  test('are planned without these facts as if everything might have changed, and it is said once', () => {
    expect(subjects(stripped)).toEqual([
      'info facts-unknown (mixlib)',
      'info facts-unknown (mixy)',
      'info processes-unknown (mixy)',
      'info state-unknown (mixy)',
      'warning children-unknown (Elixir.Mixy.Application)',
      'warning children-unknown (Elixir.Mixy.Team)',
    ]);
    // Nothing is started or stopped of which nothing is known; a process converts its state, unless its code says no.
    expect(formatAppups(stripped.appups)).not.toMatch(/_child/);
    expect(formatAppups(stripped.appups)).toContain("{update, 'Elixir.Mixy.Account', {advanced, []}}");
    expect(formatAppups(stripped.appups)).toContain("{load_module, 'Elixir.Mixy.Keeper'}");
  });
});

describe('children that no appup can be written for without somebody who knows more', () => {
  let planned: UpgradePlan;
  let stripped: UpgradePlan;

  beforeAll(async () => {
    const pair = (folder: string, strip: boolean): Promise<string[]> =>
      Promise.all([
        mixRelease(join(work, folder), '0.1.0', '', elixirFindings('earlier', strip)),
        mixRelease(join(work, folder), '0.2.0', '', elixirFindings('later', strip)),
      ]);
    const [before = '', after = ''] = await pair('findings', false);
    planned = await plan(before, after);
    const [base = '', next = ''] = await pair('stripped findings', true);
    stripped = await plan(base, next);
  });

  test('are findings with the lines to complete', () => {
    expect(subjects(planned)).toEqual([
      'error children-changed (Elixir.Mixy.Computed)',
      'error children-changed (Elixir.Mixy.Fun)',
      'error children-changed (Elixir.Mixy.Nameless)',
      'error children-changed (Elixir.Mixy.Nameless)',
      'warning child-specification-changed (Elixir.Mixy.Flags)',
      'warning children-unknown (Elixir.Mixy.Decides)',
    ]);
    const [computed = '', fun = '', nameless = ''] = findings(planned);
    const server = (id: string): string =>
      `{${id}, {'Elixir.Mixy.Server', start_link, ARGUMENTS}, permanent, 5000, worker, ['Elixir.Mixy.Server']}`;
    const start = (specification: string): string =>
      `{apply, {supervisor, start_child, ['Elixir.Mixy.Computed', ${specification}]}}`;
    expect(computed).toContain(
      `section up from "0.1.0": after the update ${start(server("'Elixir.Mixy.Server'"))}, ${start(server('given'))}. `,
    );
    expect(fun).toContain("{'Elixir.Agent', {'Elixir.Agent', start_link, ARGUMENTS}, permanent");
    expect(nameless).toContain("[NAME, {named, {'Elixir.Mixy.Named', start_link, [new]}, permanent");
    expect(nameless).toContain('The supervisor has no name');
  });

  test('are not passed over in stripped releases', () => {
    expect(subjects(stripped)).toEqual([
      'info facts-unknown (mixy)',
      'info processes-unknown (mixy)',
      ...['Computed', 'Decides', 'Flags', 'Fun', 'Nameless'].map(
        (name) => `warning children-unknown (Elixir.Mixy.${name})`,
      ),
    ]);
  });
});
