import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  collectReleaseFacts,
  formatDiagnostic,
  openTree,
  planUpgrade,
  readRelease,
  writeReleaseFacts,
  type UpgradePlan,
} from '@nx-otp/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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

describe('releases that mix strips', () => {
  let whole: UpgradePlan;
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
    await keepFacts(base);
    await keepFacts(next);
    kept = await plan(base, next);
  });

  test('are planned with the facts kept beside them as if they were not stripped', () => {
    expect(kept.appups).toEqual(whole.appups);
    expect(kept.relup).toEqual(whole.relup);
    expect(findings(kept)).toEqual(findings(whole));
  });
});
