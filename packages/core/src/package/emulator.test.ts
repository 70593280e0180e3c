import { expect, it } from 'vitest';
import { runErlang } from '../../test/archives/erlang';
import { openFolder } from '../release/folder-tree';
import { architectureOf, readEmulator, type Architecture } from './emulator';

it('reads the OTP release and the architecture of the emulator that runs here', async () => {
  const [root = '', erts = '', otp = '', wordBytes = ''] = (
    await runErlang(
      'io:format("~ts\\n~ts\\n~ts\\n~w", [code:root_dir(), erlang:system_info(version), erlang:system_info(otp_release), erlang:system_info({wordsize, external})])',
      [],
    )
  ).split('\n');
  const { otp: found, architecture } = await readEmulator(
    await openFolder(root, { topLevel: [`erts-${erts}`] }),
    erts,
  );
  expect(found).toBe(otp);
  const machine = { x64: 'x86_64', arm64: 'aarch64' }[process.arch as string];
  expect(architecture).toMatchObject({ machine, bits: Number(wordBytes) * 8 });
});

function header(bytes: readonly number[], machine?: { at: number; bytes: readonly number[] }): Buffer {
  const content = Buffer.alloc(64);
  content.set(bytes);
  if (machine !== undefined) content.set(machine.bytes, machine.at);
  return content;
}

const elf = (bits: 1 | 2, order: 1 | 2, machine: readonly number[]): Buffer =>
  header([0x7f, 0x45, 0x4c, 0x46, bits, order], { at: 18, bytes: machine });

it.each<[string, Buffer, Architecture | undefined]>([
  ['x86_64', elf(2, 1, [62, 0]), { format: 'elf', machine: 'x86_64', bits: 64 }],
  ['32-bit arm', elf(1, 1, [40, 0]), { format: 'elf', machine: 'arm', bits: 32 }],
  ['big-endian ppc64', elf(2, 2, [0, 21]), { format: 'elf', machine: 'ppc64', bits: 64 }],
  ['little-endian ppc64', elf(2, 1, [21, 0]), { format: 'elf', machine: 'ppc64le', bits: 64 }],
  ['an unknown machine', elf(2, 1, [7, 2]), { format: 'elf', machine: '519', bits: 64 }],
  [
    'a Mac of today',
    header([0xcf, 0xfa, 0xed, 0xfe, 0x0c, 0, 0, 0x01]),
    { format: 'mach-o', machine: 'aarch64', bits: 64 },
  ],
  ['several architectures', header([0xca, 0xfe, 0xba, 0xbe]), undefined],
  ['a script', Buffer.from('#!/bin/sh\nexec beam "$@"\n'), undefined],
  ['nothing', Buffer.alloc(0), undefined],
])('knows the header of %s', (_, content, architecture) => {
  expect(architectureOf(content)).toEqual(architecture);
});
