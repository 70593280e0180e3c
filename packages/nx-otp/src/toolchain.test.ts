import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const bin = join(__dirname, '..', 'bin', 'nx-otp-toolchain.js');

it('says which Erlang/OTP and which plugin a result depends on, the same each time', () => {
  const text = execFileSync(process.execPath, [bin], { encoding: 'utf8' });
  expect(JSON.parse(text)).toEqual({
    erlang: {
      otpVersion: expect.stringMatching(/^\d+/) as string,
      libraries: expect.arrayContaining([expect.stringMatching(/^sasl-/)]) as string[],
    },
    plugin: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
  });
  expect(execFileSync(process.execPath, [bin], { encoding: 'utf8' })).toBe(text);
});

it('says of a build tool what tells one version from another', () => {
  const text = execFileSync(process.execPath, [bin, 'mix', 'rebar3'], { encoding: 'utf8' });
  expect(JSON.parse(text)).toMatchObject({
    mix: expect.stringMatching(/^\d+\.\d+/) as string,
    rebar3: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
  });
});

it('loads nothing of core but what finds Erlang, since Nx runs it for each task', () => {
  const program = `
    const log = console.log;
    console.log = () => {};
    require(process.argv[1]).main();
    log(Object.keys(require.cache).map((file) => file.split(/[/]dist[/]/).pop()).sort().join(' '));`;
  const toolchain = join(__dirname, '..', 'dist', 'toolchain.js');
  expect(execFileSync(process.execPath, ['-e', program, toolchain], { encoding: 'utf8' })).toBe(
    'build/erlang-toolchain.js checkouts.js toolchain.js\n',
  );
});
