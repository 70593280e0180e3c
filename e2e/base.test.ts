import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { releaseNode, type ReleaseNode } from '../tools/release-node.mjs';
import { replaceDummyApp } from './support/beams.js';
import { dummyWorkspace, filesIn, succeeding, type DummyWorkspace } from './support/dummy-workspace.js';

let workspace: DummyWorkspace;
/** Of 0.1, which knows nothing of Nx. */
let commit: string;
let node: ReleaseNode | undefined;

beforeAll(async () => {
  workspace = await dummyWorkspace('base');
  git('init', '--quiet', '--initial-branch=main');
  writeFileSync(
    join(workspace.folder, '.git', 'info', 'exclude'),
    'node_modules\nprod*\n*.json.kept\nsnapshot*\n',
  );
  await workspace.setVersion('0.1');
  git('add', '.gitignore', 'dummy/apps', 'dummy/rel', 'dummy/rebar.config');
  commit = committed();
  git('tag', 'v0.1');
  await workspace.setVersion('0.2');
  git('add', '--all');
  committed();
});

afterAll(async () => {
  await node?.stop();
  workspace.remove();
});

function git(...args: string[]): string {
  const author = ['-c', 'user.name=somebody', '-c', 'user.email=somebody@example.com'];
  return execFileSync('git', [...author, ...args], { cwd: workspace.folder, encoding: 'utf8' }).trim();
}

function committed(): string {
  git('commit', '--quiet', '-m', 'a version');
  return git('rev-parse', 'HEAD');
}

const run = (target: string, ...args: string[]) => workspace.nx(['run', `dummy:${target}`, ...args]);
const base = (): string => join(workspace.project, 'dist', 'base', commit.slice(0, 12));
const upgradePackage = (): Buffer => readFileSync(join(workspace.dist('upgrade'), 'dummy_0.2.tar.gz'));
/** How Nx came by what `build-base` makes. */
const built = (output: string): string | undefined =>
  /^> nx run dummy:build-base(?: --\S+)*(.*)$/m.exec(output)?.[1]?.trim();

describe('where no previous release is given', () => {
  test('the last release tag is built, though it knew nothing of Nx, and its release is the one that was shipped', async () => {
    const output = await succeeding(run('generate-upgrade'));
    expect(built(output)).toBe('');
    expect(output).toContain(
      `no previous release was given: the tag v0.1 (${commit.slice(0, 12)}) is the last one that is reachable from HEAD and of another version than 0.2\n`,
    );
    expect(output).toContain('warning: dummy 0.1 was built again, and not compared with what was shipped');
    expect(filesIn(base())).toEqual(filesIn(workspace.production));
    expect(git('worktree', 'list').split('\n')).toHaveLength(1);
    expect(git('status', '--short')).toBe('');
  });

  test('it is built once, and the package is that of the folder', async () => {
    const made = upgradePackage();
    rmSync(join(workspace.project, 'dist'), { recursive: true });
    expect(built(await succeeding(run('generate-upgrade', '--previousRelease=git:HEAD~1')))).toBe(
      '[local cache]',
    );
    expect(upgradePackage().equals(made)).toBe(true);
    rmSync(join(workspace.project, 'dist'), { recursive: true });
    await succeeding(run('generate-upgrade', '--previousRelease=prod'));
    expect(existsSync(base())).toBe(false);
    expect(upgradePackage().equals(made)).toBe(true);
  });
});

test('one machine builds it, and the others have it from their cache, whatever has changed but the tools', async () => {
  const { server, url } = await remoteCache();
  const on = (machine: string, ...args: string[]) => {
    rmSync(join(workspace.project, 'dist'), { recursive: true, force: true });
    const data = join(workspace.folder, '.nx', machine);
    return succeeding(
      workspace.nx(['run', 'dummy:build-base', ...args], {
        env: {
          NX_CACHE_DIRECTORY: join(data, 'cache'),
          NX_WORKSPACE_DATA_DIRECTORY: join(data, 'data'),
          NX_SELF_HOSTED_REMOTE_CACHE_SERVER: url,
        },
      }),
    );
  };
  try {
    expect(built(await on('one'))).toBe('');
    const nxJson = join(workspace.folder, 'nx.json');
    const before = readFileSync(nxJson, 'utf8');
    writeFileSync(nxJson, before.replace('{', '{ "parallel": 2,'));
    git('branch', 'deployed', 'v0.1');
    expect(built(await on('two', '--previousRelease=git:deployed'))).toBe('[remote cache]');
    expect(filesIn(base())).toEqual(filesIn(workspace.production));
    writeFileSync(nxJson, before);
    git('branch', '--force', 'deployed', 'main');
    expect(built(await on('two', '--previousRelease=git:deployed'))).toBe('');
  } finally {
    server.close();
  }
});

test('a clone of a CI without the tag gets the command that fetches it', async () => {
  const shallow = join(workspace.folder, '.git', 'shallow');
  git('tag', '--delete', 'v0.1');
  writeFileSync(shallow, `${git('rev-parse', 'HEAD')}\n`);
  const { status, output } = await run('generate-upgrade');
  rmSync(shallow);
  git('tag', 'v0.1', commit);
  expect(status).toBe(1);
  expect(output).not.toMatch(/^\s+at /m);
  expect(output).toContain(
    'no previous release of dummy was given, so there is nothing to upgrade from: no tag is reachable from HEAD; this clone is shallow, so it may lack what is older. Run git fetch --unshallow --tags first;',
  );
});

describe('a snapshot of the node', () => {
  /** Has the node describe itself by the script that the plugin prints. */
  async function snapshot(): Promise<string> {
    if (node === undefined) throw new Error('there is no node');
    const script = join(workspace.folder, 'snapshot.script');
    const printer = join(workspace.folder, 'node_modules', 'nx-otp', 'bin', 'nx-otp-snapshot.js');
    writeFileSync(script, execFileSync(process.execPath, [printer]));
    const taken = await node.evaluate(
      `begin os:putenv("TMPDIR", ${erlangString(workspace.folder)}), file:script(${erlangString(script)}) end.`,
    );
    expect(taken).toMatch(/^\{ok, \{ok, /);
    const file = readdirSync(workspace.folder).find((name) => /^snapshot-.*\.json$/.test(name)) ?? '';
    return file;
  }

  test('agrees with what was built, and is a base and an installation by itself', async () => {
    const root = join(workspace.folder, 'prod für den Knoten');
    cpSync(workspace.production, root, { recursive: true });
    node = releaseNode(root);
    await node.start();
    const file = await snapshot();
    const output = await succeeding(run('verify-upgrade', `--previousRelease=${file}`));
    expect(output).toContain(`${file} is of dummy 0.1, which is the tag v0.1 (${commit.slice(0, 12)})\n`);
    expect(output).toContain(`dummy 0.1 is what was shipped, as ${file} tells\n`);
    expect(output).toContain(`dummy_0.2.tar.gz fits dummy 0.1 at ${file}\n`);
  });

  test('tells of code that was not built from the revision, and of code that is not on the disk', async () => {
    if (node === undefined) throw new Error('there is no node');
    replaceDummyApp(join(node.root, 'lib', 'dummy-0.1', 'ebin'));
    const file = await snapshot();
    const refused = await run('previous-release', '--previousRelease=git:v0.1', `--snapshot=${file}`);
    expect(refused.status).toBe(1);
    expect(refused.output).toContain(
      `dummy 0.1 is not what was shipped, as ${file} tells:\n  dummy has other code of dummy_app\n  dummy runs other code of dummy_app than lies on the disk of the node\n`,
    );
    const allowed = ['--previousRelease=git:v0.1', `--snapshot=${file}`, '--allowDifferences=dummy'];
    expect(await succeeding(run('previous-release', ...allowed))).toContain('differs from');
    const { status, output } = await run(
      'verify-upgrade',
      `--previousRelease=${file}`,
      '--excludeTaskDependencies',
    );
    expect(status).toBe(1);
    expect(output).toContain('error base-differs (dummy): ');
    expect(output).toContain('error running-code-differs (dummy): ');
  });
});

/** A string of Erlang's for a text, by its characters. */
function erlangString(text: string): string {
  return `[${Array.from(text, (character) => character.codePointAt(0)).join(',')}]`;
}

/** The server of a remote cache, as the documentation of Nx has it. */
async function remoteCache(): Promise<{ readonly server: Server; readonly url: string }> {
  const kept = new Map<string, Buffer>();
  const server = createServer((request, response) => {
    const key = request.url ?? '';
    if (request.method === 'PUT') {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        kept.set(key, Buffer.concat(chunks));
        response.writeHead(200).end();
      });
      return;
    }
    const content = kept.get(key);
    if (content === undefined) response.writeHead(404).end();
    else response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}
