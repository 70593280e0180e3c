import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { releaseToolOf } from './release-tool';

it('the tool of a project is that of the first file that describes a release', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'release tool '));
  try {
    expect(() => releaseToolOf(folder)).toThrow(
      `${folder}: nothing here says how its release is made. Expected a rel/reltool.config, a mix.exs with releases:`,
    );
    await writeFile(join(folder, 'rebar.config'), '');
    expect(releaseToolOf(folder)).toBe('rebar3');
    await writeFile(join(folder, 'mix.exs'), '');
    expect(releaseToolOf(folder)).toBe('mix');
  } finally {
    await rm(folder, { recursive: true });
  }
});
