import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { buildToolVersion, erlangToolchain } from './erlang-toolchain';

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'nx-otp toolchain ü-')));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function write(path: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
  chmodSync(join(folder, path), mode);
}

function installation(place: string, version: string, loader: string): void {
  write(`${place}/bin/erl`, '');
  write(`${place}/releases/start_erl.data`, '13.1.5 25');
  write(`${place}/releases/25/OTP_VERSION`, `${version}\n`);
  write(`${place}/erts-13.1.5/bin/beam.smp`, `\x7fELF\0\0/lib64/${loader}\0\0`);
  mkdirSync(join(folder, place, 'lib/kernel-8.5.3'), { recursive: true });
}

it('is told by the files of the installation, which nobody starts', () => {
  installation('otp', '25.2.3', 'ld-musl-x86_64.so.1');
  mkdirSync(join(folder, 'bin'));
  symlinkSync('../otp/bin/erl', join(folder, 'bin/erl'));
  expect(erlangToolchain(join(folder, 'bin'))).toEqual({
    otpVersion: '25.2.3',
    libraries: ['kernel-8.5.3'],
    platform: `${process.platform} ld-musl-x86_64.so.1`,
  });
  expect(erlangToolchain(join(folder, 'empty'))).toBe(undefined);
});

it.each(['asdf', 'mise'])('behind a shim of %s is what that says for the folder', (manager) => {
  installation('installs/one', '25.2.3', 'ld-linux-x86-64.so.2');
  installation('installs/two', '25.3.0', 'ld-linux-x86-64.so.2');
  write('installs/one/bin/rebar3', 'one');
  write('installs/two/bin/rebar3', 'two');
  write(`bin/${manager}`, `#!/bin/sh\necho "${folder}/installs/$(cat version)/bin/$2"\n`, 0o755);
  for (const tool of ['erl', 'rebar3']) {
    if (manager === 'mise') {
      mkdirSync(join(folder, 'shims'), { recursive: true });
      symlinkSync('../bin/mise', join(folder, 'shims', tool));
    } else write(`shims/${tool}`, `#!/usr/bin/env bash\nexec asdf exec "${tool}" "$@"\n`, 0o755);
  }
  write('a/version', 'one');
  write('b/version', 'two');
  const path = [join(folder, 'shims'), join(folder, 'bin'), process.env['PATH']].join(delimiter);
  const before = process.env['PATH'];
  process.env['PATH'] = path;
  try {
    expect(erlangToolchain(path, join(folder, 'a'))?.otpVersion).toBe('25.2.3');
    expect(erlangToolchain(path, join(folder, 'b'))?.otpVersion).toBe('25.3.0');
    const rebar3 = ['a', 'b'].map((place) => buildToolVersion('rebar3', path, join(folder, place)));
    expect(new Set(rebar3).size).toBe(2);
  } finally {
    process.env['PATH'] = before;
  }
});
