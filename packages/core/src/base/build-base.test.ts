import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readRelease } from '../release';
import { buildBase } from './build-base';
import { repositoryOf, resolveRevision } from './git-revision';

let workspace: string;

beforeAll(() => {
  workspace = realpathSync(mkdtempSync(join(tmpdir(), 'nx-otp build base ü-')));
  write('libs/money/src/money.app.src', application('money'));
  write('libs/money/src/money.erl', '-module(money).\n-export([add/2]).\nadd(A, B) -> A + B.\n');
  write(
    'releases/shop/rel/reltool.config',
    `{sys, [{lib_dirs, ["../../../libs"]}, {rel, "shop", "0.1", [kernel, stdlib, sasl, money]}, {boot_rel, "shop"},
 {profile, embedded}, {incl_cond, exclude}, {excl_archive_filters, [".*"]},
 {app, kernel, [{incl_cond, include}]}, {app, stdlib, [{incl_cond, include}]}, {app, sasl, [{incl_cond, include}]},
 {app, money, [{incl_cond, include}]}]}.
`,
  );
  git('init', '--quiet');
  git('add', '.');
  git('-c', 'user.name=somebody', '-c', 'user.email=somebody@example.com', 'commit', '--quiet', '-m', 'all');
});

afterAll(() => {
  rmSync(workspace, { recursive: true, force: true });
});

function write(file: string, content: string): void {
  mkdirSync(dirname(join(workspace, file)), { recursive: true });
  writeFileSync(join(workspace, file), content);
}

function application(name: string): string {
  return `{application, ${name}, [{vsn, "0.1"}, {registered, []}, {applications, [kernel, stdlib]}]}.\n`;
}

function git(...args: string[]): void {
  execFileSync('git', args, { cwd: workspace });
}

it('builds a release that has no application of its own of those beside it', async () => {
  const repository = await repositoryOf(join(workspace, 'releases/shop'));
  const outputPath = join(workspace, 'dist/base');
  const built = await buildBase({
    repository,
    commit: await resolveRevision(repository, 'HEAD'),
    release: { tool: 'reltool' },
    releaseName: 'shop',
    workspaceRoot: workspace,
    libraries: [{ folder: 'libs/money', libraries: [] }],
    outputPath,
  });
  expect(built).toMatchObject({ name: 'shop', version: '0.1', project: 'releases/shop' });
  const { applications } = await readRelease(outputPath);
  expect(applications.map(({ name }) => name)).toContain('money');
});
