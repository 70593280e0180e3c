import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openBeam } from '@nx-otp/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { releaseNode, type ReleaseNode } from '../tools/release-node.mjs';
import { dummyWorkspace, succeeding, tarballOf, type DummyWorkspace } from './support/dummy-workspace.js';

let workspace: DummyWorkspace;
/** The module MD5 of dummy_server in both releases, from the beams that were built. */
let serverMd5: Record<'0.1' | '0.2', string>;

beforeAll(async () => {
  workspace = await dummyWorkspace('upgrade');
  await succeeding(workspace.nx(['run', 'dummy:generate']));
  serverMd5 = {
    '0.1': moduleMd5(join(workspace.production, 'lib', 'dummy-0.1', 'ebin', 'dummy_server.beam')),
    '0.2': moduleMd5(join(workspace.dist('release'), 'lib', 'dummy-0.2', 'ebin', 'dummy_server.beam')),
  };
});

afterAll(() => {
  workspace.remove();
});

describe.each(['folder', 'tarball'] as const)('with the production release as a %s', (form) => {
  let node: ReleaseNode;

  beforeAll(async () => {
    const base =
      form === 'folder'
        ? workspace.production
        : tarballOf(workspace.production, join(workspace.folder, 'dummy 0.1 für.tar.gz'));
    await succeeding(
      workspace.nx(['run', 'dummy:generate-upgrade', `--previousRelease=${base}`, '--skip-nx-cache']),
    );
    node = releaseNode(install(base, join(workspace.folder, `node of ${form}`)));
    await node.start();
    await node.evaluate('dummy_server:set_state(123).');
    await node.evaluate(startClients);
  });

  afterAll(async () => {
    await node.stop();
  });

  test('release_handler unpacks the package and finds nothing in the way', async () => {
    const name = await node.receive(join(workspace.dist('upgrade'), 'dummy_0.2.tar.gz'));
    expect(name).toBe('dummy_0.2');
    expect(await node.evaluate(`release_handler:unpack_release("${name}").`)).toBe('{ok, "0.2"}');
    expect(await node.evaluate('release_handler:check_install_release("0.2").')).toBe('{ok, "0.1", []}');
    await expectVersion(node, '0.1');
  });

  test('the running node goes up: new code, and the state converted', async () => {
    expect(await node.evaluate('release_handler:install_release("0.2").')).toBe('{ok, "0.1", []}');
    await expectVersion(node, '0.2');
    expect(await node.evaluate('dummy_server:get_history().')).toBe('[]');
    expect(await node.evaluate('sys:get_state(dummy_server).')).toBe('{state, 123, []}');
    expect(await node.evaluate('release_handler:make_permanent("0.2").')).toBe('ok');
  });

  test('the new code keeps a history', async () => {
    expect(await node.evaluate('dummy_server:set_state(1000).')).toBe('ok');
    expect(await node.evaluate('dummy_server:set_state(123).')).toBe('ok');
    expect(await node.evaluate('dummy_server:get_history().')).toBe('[1000, 123]');
    expect(await node.evaluate('sys:get_state(dummy_server).')).toBe('{state, 123, [1000, 123]}');
  });

  test('the running node goes down: old code, and the state in its old shape', async () => {
    expect(await node.evaluate('release_handler:install_release("0.1").')).toBe('{ok, "0.1", []}');
    await expectVersion(node, '0.1');
    expect(await node.evaluate('sys:get_state(dummy_server).')).toBe('{state, 123}');
  });

  test('it goes up once more, and boots as 0.2', async () => {
    expect(await node.evaluate('release_handler:install_release("0.2").')).toBe('{ok, "0.1", []}');
    expect(await node.evaluate('release_handler:make_permanent("0.2").')).toBe('ok');
    await expectVersion(node, '0.2');
    await expectNoFailedCall(node);
    await restart(node);
    await expectVersion(node, '0.2', 0);
  });

  test('it goes down for good, and boots as 0.1', async () => {
    await node.evaluate('dummy_server:set_state(123).');
    await node.evaluate(startClients);
    expect(await node.evaluate('release_handler:install_release("0.1").')).toBe('{ok, "0.1", []}');
    expect(await node.evaluate('release_handler:make_permanent("0.1").')).toBe('ok');
    await expectVersion(node, '0.1');
    await expectNoFailedCall(node);
    await restart(node);
    await expectVersion(node, '0.1', 0);
  });

  test('0.2 can be removed, and 0.1 boots without it', async () => {
    expect(await node.evaluate('release_handler:remove_release("0.2").')).toBe('ok');
    expect(existsSync(join(node.root, 'lib', 'dummy-0.2'))).toBe(false);
    expect(existsSync(join(node.root, 'releases', '0.2'))).toBe(false);
    await restart(node);
    await expectVersion(node, '0.1', 0);
    expect(await node.evaluate('[Vsn || {_, Vsn, _, _} <- release_handler:which_releases()].')).toBe(
      '["0.1"]',
    );
  });
});

function moduleMd5(beam: string): string {
  return openBeam(readFileSync(beam), beam).md5;
}

function install(base: string, root: string): string {
  mkdirSync(root);
  if (base.endsWith('.tar.gz')) execFileSync('tar', ['-xzf', base, '-C', root]);
  else execFileSync('cp', ['-R', `${base}/.`, root]);
  return root;
}

async function restart(node: ReleaseNode): Promise<void> {
  await node.stop();
  await node.start();
}

/** The node runs the code of this version and nothing of the other one, and the server has this value. */
async function expectVersion(node: ReleaseNode, version: '0.1' | '0.2', value = 123): Promise<void> {
  expect(await node.evaluate('dummy_server:get_state().')).toBe(String(value));
  expect(await node.evaluate('binary_to_list(binary:encode_hex(dummy_server:module_info(md5))).')).toBe(
    `"${serverMd5[version].toUpperCase()}"`,
  );
  expect(await node.evaluate('[M || M <- [dummy_history, dummy_trace], code:is_loaded(M) =/= false].')).toBe(
    version === '0.2' ? '[dummy_history]' : '[dummy_trace]',
  );
  expect(await node.evaluate('[V || {dummy, _, V} <- application:which_applications()].')).toBe(
    `["${version}"]`,
  );
  expect(await node.evaluate('erlang:check_old_code(dummy_server).')).toBe('false');
}

/** Four clients that ask for the state all the while, and remember each answer that is none. */
const startClients = `
  Loop = fun Loop(Calls, Failures) ->
    receive
      {report, To} -> To ! {self(), Calls, Failures}
    after 1 ->
      case catch dummy_server:get_state() of
        Value when is_integer(Value) -> Loop(Calls + 1, Failures);
        Failure -> Loop(Calls + 1, [Failure | Failures])
      end
    end
  end,
  [register(Name, spawn(fun() -> Loop(0, []) end)) || Name <- [client1, client2, client3, client4]],
  ok.`;

async function expectNoFailedCall(node: ReleaseNode): Promise<void> {
  const report = await node.evaluate(`
    Clients = [whereis(Name) || Name <- [client1, client2, client3, client4]],
    [Client ! {report, self()} || Client <- Clients],
    {Calls, Failures} = lists:unzip([receive {Client, C, F} -> {C, F} end || Client <- Clients]),
    {lists:min(Calls) > 10, lists:append(Failures)}.`);
  expect(report).toBe('{true, []}');
}
