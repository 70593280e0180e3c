import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { bootVersionOf, launchRelease } from './launch-release';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'launch rélease '));
  write('erts-13/bin/erlexec', '');
  write('releases/start_erl.data', '13 2');
  write('releases/2/shop.rel', '{release, {"shop", "2"}, {erts, "13"}, []}.');
  write('releases/2/start.boot', '');
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

const bin = (): string => join(root, 'erts-13', 'bin');

it('a target system boots what start_erl.data says, without a name and a heart', async () => {
  write('releases/2/vm.args', '-name shop@host\n-setcookie secret\n-heart\n+P 5000\n');
  write('releases/2/sys.config', '[].');
  const launch = await launchRelease({ root, env: { HOME: '/home' } });
  expect(launch).toEqual({
    name: 'shop',
    version: '2',
    layout: 'reltool',
    command: join(bin(), 'erlexec'),
    args: [
      ...['-noshell', '-noinput', '+Bd'],
      ...['-boot', join(root, 'releases/2/start'), '-config', join(root, 'releases/2/sys'), '+P', '5000'],
    ],
    env: { HOME: '/home', ROOTDIR: root, BINDIR: bin(), EMU: 'beam', PROGNAME: 'erl' },
    cwd: root,
    emulator: 'own',
  });
  const { args } = await launchRelease({ root, distribution: 'configured', heart: true, interactive: true });
  expect(args.slice(-7)).toEqual(['-name', 'shop@host', '-setcookie', 'secret', '-heart', '+P', '5000']);
  expect(args).not.toContain('-noinput');
});

it('relx boots the version in its script, and its templates are filled in where they are told to be', async () => {
  write('bin/install_upgrade.escript', '');
  write('bin/shop', '#!/bin/sh\nREL_VSN="2"\n');
  write('releases/start_erl.data', '13 1');
  write('releases/2/vm.args.src', '-sname ${NAME:-shop}\n-env PORT ${PORT}\n');
  write('releases/2/sys.config.src', '[{shop, [{port, ${PORT}}]}].');
  expect(bootVersionOf(root)).toBe('2');
  const renderTo = join(root, 'scratch');
  const { layout, args } = await launchRelease({ root, renderTo, env: { PORT: '80' } });
  expect(layout).toBe('relx');
  expect(args.slice(-5)).toEqual(['-config', join(renderTo, 'sys.config'), '-env', 'PORT', '80']);
  expect(readFileSync(join(renderTo, 'sys.config'), 'utf8')).toBe('[{shop, [{port, 80}]}].');
  expect(existsSync(join(root, 'releases/2/sys.config'))).toBe(false);
});

it('mix has its environment of env.sh, and a configuration of its own for each start', async () => {
  write('releases/2/elixir', '');
  write('releases/2/env.sh', 'export RELEASE_DISTRIBUTION=name\nexport POOL=$RELEASE_VSN\necho said\n');
  write('releases/2/sys.config', '%% RUNTIME_CONFIG=true\n[].');
  const { layout, args, env } = await launchRelease({ root });
  expect(layout).toBe('mix');
  expect(env).toMatchObject({
    POOL: '2',
    RELEASE_ROOT: root,
    RELEASE_NAME: 'shop',
    RELEASE_DISTRIBUTION: 'none',
  });
  expect(args).not.toContain('-name');
  expect(args.slice(args.indexOf('-boot_var'))).toEqual(['-boot_var', 'RELEASE_LIB', join(root, 'lib')]);
  expect(env['RELEASE_SYS_CONFIG']).toMatch(/tmp\/shop-2-[0-9a-f]{8}\.runtime$/);
  expect(readFileSync(`${env['RELEASE_SYS_CONFIG'] ?? ''}.config`, 'utf8')).toContain('RUNTIME_CONFIG');
  write('releases/2/env.sh', 'echo no database >&2; exit 3');
  await expect(launchRelease({ root })).rejects.toThrow(/env\.sh: it fails: .*no database/s);
});

it('says what is missing', async () => {
  rmSync(join(root, 'releases/2/start.boot'));
  await expect(launchRelease({ root })).rejects.toThrow(
    'there is no boot file: expected start.boot or shop.boot.',
  );
  await expect(launchRelease({ root, version: '9' })).rejects.toThrow(
    'version 9 is to be started, and there is no .rel file of it.',
  );
  rmSync(join(root, 'releases'), { recursive: true });
  await expect(launchRelease({ root })).rejects.toThrow('nothing says which version of the release boots.');
});
