import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dummyWorkspace, editFile, succeeding, type DummyWorkspace } from './support/dummy-workspace.js';

let workspace: DummyWorkspace;

const path = (file: string): string => join(workspace.folder, file);
const text = (file: string): string => readFileSync(path(file), 'utf8');
const git = (...args: string[]): string =>
  execFileSync('git', args, { cwd: workspace.folder, encoding: 'utf8' }).trim();

function write(files: Readonly<Record<string, string>>): void {
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(path(file)), { recursive: true });
    writeFileSync(path(file), content);
  }
}

const money = `defmodule Money.MixProject do
  use Mix.Project

  @version "0.1.0" # not version: "0.1.0"

  def project, do: [app: :money,   version: @version]
end
`;
const front = `defmodule Front.MixProject do
  use Mix.Project

  def project do
    [app: :front, version: "1.0.0", deps: [{:money, "~> 0.1.0", path: "../money"}, {:jason, "~> 1.4"}]]
  end
end
`;
const codec =
  '%% {vsn, "0.1"}\r\n{application, codec,\r\n [{vsn,"0.1"}, {registered, []}, {applications, [kernel]}]}.\r\n';
const appSrc = 'dummy/apps/dummy/src/dummy.app.src';
const reltool = 'dummy/rel/reltool.config';

beforeAll(async () => {
  workspace = await dummyWorkspace('versions');
  write({
    'nx.json': JSON.stringify({
      plugins: ['nx-otp'],
      sync: { globalGenerators: ['nx-otp:sync-versions'] },
      release: {
        projects: ['dummy', 'front', 'money', 'codec'],
        projectsRelationship: 'independent',
        version: { versionActions: 'nx-otp/release/version-actions' },
        changelog: { projectChangelogs: true },
      },
    }),
    'libs/money/mix.exs': money,
    'libs/front/mix.exs': front,
    'libs/codec/src/codec.app.src': codec,
    'libs/money/project.json': '{ "name": "money" }',
    'libs/front/project.json': '{ "name": "front" }',
    'libs/codec/project.json':
      '{ "name": "codec", "targets": { "compile": { "executor": "nx-otp:compile", "options": { "tool": "reltool" } } } }',
    '.gitignore': `${text('.gitignore')}\nprod\n`,
  });
  git('init', '-q');
  git('config', 'user.email', 'somebody@example.org');
  git('config', 'user.name', 'Somebody');
  git('add', '-A');
  git('commit', '-qm', 'feat: all of it');
});

afterAll(() => {
  workspace.remove();
});

test('a dry run of nx release says what would be written, and writes nothing', async () => {
  const output = await succeeding(workspace.nx(['release', 'version', 'patch', '--dry-run']));
  expect(output).toContain(
    'codec 📄 Resolved the current version as 0.1 from manifest: libs/codec/src/codec.app.src',
  );
  expect(output).toContain('New version 0.1.1 written to manifest: libs/codec/src/codec.app.src');
  expect(output).toContain('New version 0.2.1 written to manifest: dummy/rel/reltool.config');
  expect(git('status', '--porcelain')).toBe('');
});

test('nx release raises a library and those that depend on it, and changes nothing but the versions', async () => {
  await succeeding(
    workspace.nx(['release', 'major', '--projects=money', '--first-release', '--skip-publish']),
  );
  expect(text('libs/money/mix.exs')).toBe(money.replace('@version "0.1.0"', '@version "0.2.0"'));
  expect(text('libs/front/mix.exs')).toBe(front.replace('1.0.0', '1.0.1').replace('~> 0.1.0', '~> 0.2.0'));
  expect(git('tag').split('\n')).toEqual(['front@1.0.1', 'money@0.2.0']);
  expect(text('libs/front/CHANGELOG.md')).toContain('Updated money to 0.2.0');
  expect(git('status', '--porcelain')).toBe('');
});

test('what is compiled has the version that was released, and a release is published as nothing', async () => {
  const before = text(reltool);
  await succeeding(workspace.nx(['release', '0.3', '--projects=codec,dummy', '--first-release', '--yes']));
  expect(text('libs/codec/src/codec.app.src')).toBe(codec.replace('{vsn,"0.1"}', '{vsn,"0.3"}'));
  expect(text(reltool)).toBe(before.replace('"0.2"', '"0.3"'));
  expect(text(appSrc)).toContain('{vsn, "0.2"}');
  await succeeding(workspace.nx(['run', 'codec:compile']));
  expect(text('libs/codec/ebin/codec.app')).toContain('{vsn, "0.3"}');
});

test('an application that changed under its old version is found, and gets a new one', async () => {
  editFile(path(appSrc), '"0.2"', '"0.1"');
  const resource = text(appSrc);
  const { status, output } = await workspace.nx(['run', 'dummy:generate-appups', '--previousRelease=prod']);
  expect(status).toBe(1);
  expect(output).toContain('error code-changed-same-version (dummy): the code of dummy_history');
  expect(output).toContain('To give new versions to what changed: nx g nx-otp:bump-versions dummy');

  const check = await workspace.nx(['sync:check']);
  expect(check.status).toBe(1);
  expect(check.output).toContain('dummy: dummy 0.1 -> 0.1.1: the code of dummy_history');

  const bumped = await succeeding(workspace.nx(['g', 'nx-otp:bump-versions', 'dummy']));
  expect(bumped).toContain(`UPDATE ${appSrc}`);
  expect(bumped).not.toContain(reltool);
  expect(text(appSrc)).toBe(resource.replace('"0.1"', '"0.1.1"'));
  expect(await succeeding(workspace.nx(['sync:check']))).toContain('up to date');
});
