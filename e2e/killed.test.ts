import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { replaceDummyApp } from './support/beams.js';
import { dummyWorkspace, filesIn, succeeding, type DummyWorkspace } from './support/dummy-workspace.js';

let workspace: DummyWorkspace;
let otherBase: string;

beforeAll(async () => {
  workspace = await dummyWorkspace('killed');
  await succeeding(workspace.nx(['run', 'dummy:generate-upgrade', '--previousRelease=prod']));
  otherBase = join(workspace.folder, 'another build of 0.1');
  cpSync(workspace.production, otherBase, { recursive: true });
  replaceDummyApp(join(otherBase, 'lib/dummy-0.1/ebin'));
});

afterAll(() => {
  workspace.remove();
});

interface Step {
  readonly name: string;
  readonly output: () => string;
  /** What lies there before a run. It differs from what the run makes. */
  readonly earlier: () => string;
  readonly options: (output: string) => object;
}

const steps: readonly Step[] = [
  {
    name: 'generateRelease',
    output: () => workspace.dist('release'),
    earlier: () => workspace.production,
    options: (outputPath) => ({ projectRoot: workspace.project, outputPath }),
  },
  {
    name: 'importReleases',
    output: () => workspace.dist('previous-release'),
    earlier: () => workspace.dist('previous-release'),
    options: (outputPath) => ({ previousReleases: [otherBase], outputPath }),
  },
  {
    name: 'generateAppups',
    output: () => workspace.dist('appups'),
    earlier: () => workspace.dist('appups'),
    options: (outputPath) => ({
      previousReleases: [otherBase],
      release: workspace.dist('release'),
      outputPath,
    }),
  },
  {
    name: 'generateUpgrade',
    output: () => workspace.dist('upgrade'),
    earlier: () => workspace.dist('upgrade'),
    options: (outputPath) => ({
      previousReleases: [otherBase],
      release: workspace.dist('release'),
      outputPath,
    }),
  },
];

describe.each(steps)('$name, killed', ({ name, output, earlier, options }) => {
  test('leaves the old output or none or the new one, and the next run cleans up', async () => {
    const outputPath = output();
    const saved = join(workspace.folder, `earlier ${name}`);
    cpSync(earlier(), saved, { recursive: true });
    const old = filesIn(saved);

    const start = Date.now();
    expect(await runStep(name, options(outputPath))).toBe(0);
    const duration = Date.now() - start;
    const made = filesIn(outputPath);
    expect(made).not.toEqual(old);

    const moments: KillMoment[] = [
      ...[0.3, 0.7, 0.9].map((part) => ({ after: 'start' as const, milliseconds: duration * part })),
      ...[0, 5, 50].map((milliseconds) => ({ after: 'first write' as const, milliseconds })),
    ];
    for (const moment of moments) {
      rmSync(outputPath, { recursive: true, force: true });
      cpSync(saved, outputPath, { recursive: true });
      await runStep(name, options(outputPath), { ...moment, outputPath });
      expect([old, undefined, made]).toContainEqual(filesIn(outputPath));
    }

    expect(await runStep(name, options(outputPath))).toBe(0);
    expect(filesIn(outputPath)).toEqual(made);
    expect(readdirSync(dirname(outputPath)).filter((entry) => entry.startsWith('.'))).toEqual([]);
  });
});

test('nx, killed, leaves nothing that its next run takes for a result', async () => {
  const args = ['run', 'dummy:generate-upgrade', '--previousRelease=prod'];
  const expected = ['release', 'appups', 'upgrade'] as const;
  await succeeding(workspace.nx([...args, '--skip-nx-cache']));
  const made = expected.map((target) => filesIn(workspace.dist(target)));
  for (const delay of [700, 1400, 2100]) {
    rmSync(join(workspace.folder, '.nx'), { recursive: true, force: true, maxRetries: 3 });
    await workspace.nx(args, { killed: AbortSignal.timeout(delay) });
  }
  await succeeding(workspace.nx(args));
  expect(expected.map((target) => filesIn(workspace.dist(target)))).toEqual(made);
});

interface KillMoment {
  /** The first write is when something new appears beside the output. */
  readonly after: 'start' | 'first write';
  readonly milliseconds: number;
}

/** Runs a step in a process of its own. Returns its exit code, or null when it was killed. */
async function runStep(
  name: string,
  options: object,
  kill?: KillMoment & { outputPath: string },
): Promise<number | null> {
  const beside = new Set(kill === undefined ? [] : entriesBeside(kill.outputPath));
  const step = spawn(
    process.execPath,
    [join(__dirname, 'support', 'run-step.mjs'), name, JSON.stringify(options)],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const exit = once(step, 'exit') as Promise<[number | null]>;
  if (kill !== undefined) {
    if (kill.after === 'first write') {
      const isNew = (entry: string) => !beside.has(entry);
      while (step.exitCode === null && !entriesBeside(kill.outputPath).some(isNew)) await setTimeout(1);
    }
    await Promise.race([setTimeout(kill.milliseconds), exit]);
    step.kill('SIGKILL');
  }
  const [status] = await exit;
  return status;
}

function entriesBeside(path: string): string[] {
  return readdirSync(dirname(path));
}
