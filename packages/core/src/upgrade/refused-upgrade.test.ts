import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { refusal } from '../../test/archives/refusal';
import { buildRelease, type ReleaseFields } from '../../test/releases/build-release';
import { writeFolder } from '../output/replace-folder';
import { generateAppups } from './generate-appups';
import { generateUpgrade } from './generate-upgrade';

let work: string;
beforeEach(async () => {
  work = await mkdtemp(join(tmpdir(), 'nx-otp refused ü-'));
});
afterEach(() => rm(work, { recursive: true, force: true }));

let count = 0;
/** A release whose application `dummy` has the version of the release, and no modules. */
function release(version: string, files: ReleaseFields['files'] = {}): Promise<string> {
  return buildRelease(join(work, `r${++count}`), {
    version,
    applications: [{ name: 'dummy', version }],
    files,
  });
}

describe('no upgrade is made, and nothing is written,', () => {
  it.each<[string, string, () => Promise<[string[], string]>]>([
    ['without a base', 'no-previous-release', async () => [[], await release('0.2')]],
    [
      'from a base of the same version',
      'same-version',
      async () => [[await release('0.2')], await release('0.2')],
    ],
    [
      'from a version that is given twice',
      'same-version',
      async () => [[await release('0.1'), await release('0.1')], await release('0.2')],
    ],
    [
      'from a release of another name',
      'other-release',
      async () => [
        [
          await release('0.1', {
            'releases/0.1/dummy.rel':
              '{release, {"other", "0.1"}, {erts, "13.1"}, [{kernel, "1"}, {stdlib, "1"}, {sasl, "1"}]}.',
          }),
        ],
        await release('0.2'),
      ],
    ],
    [
      'from a release without sasl',
      'missing-sasl',
      async () => [
        [
          await release('0.1', {
            'releases/0.1/dummy.rel':
              '{release, {"dummy", "0.1"}, {erts, "13.1"}, [{kernel, "1"}, {stdlib, "1"}]}.',
          }),
        ],
        await release('0.2'),
      ],
    ],
  ])('%s', async (_, code, make) => {
    const [previousReleases, next] = await make();
    const outputPath = join(work, 'upgrade');
    expect((await refusal(generateUpgrade({ previousReleases, release: next, outputPath }))).code).toBe(code);
    expect(await readdir(work)).not.toContain('upgrade');
  });

  it('over what it is made of', async () => {
    const base = await release('0.1');
    const next = await release('0.2');
    for (const outputPath of [base, next, work, join(base, 'upgrade'), join(next, 'releases')]) {
      const options = { previousReleases: [base], release: next, outputPath };
      expect((await refusal(generateUpgrade(options))).code).toBe('output-path');
      expect((await refusal(generateAppups(options))).code).toBe('output-path');
    }
    expect(await readdir(base)).toEqual(['bin', 'erts-13.1', 'lib', 'releases']);
  });
});

describe('what is there already', () => {
  it('stays as it was when writing fails half way, and nothing lies beside it', async () => {
    const base = await release('0.1');
    const next = await release('0.2');
    const outputPath = join(work, 'upgrade');
    await mkdir(outputPath);
    const before = ['dummy_0.2.json', 'dummy_0.2.tar.gz', 'relup'];
    for (const name of before) await writeFile(join(outputPath, name), 'kept');
    await expect(
      writeFolder(outputPath, async (made) => {
        await writeFile(join(made, 'half'), '');
        throw new Error('half way');
      }),
    ).rejects.toThrow('half way');
    const odd = {
      previousReleases: [base],
      release: next,
      outputPath: join(outputPath, 'relup', 'below a file'),
    };
    expect(await refusal(generateUpgrade(odd))).toMatchObject({ code: 'output-unwritable' });
    expect(await refusal(generateAppups(odd))).toMatchObject({ code: 'output-unwritable' });
    expect(await readdir(outputPath)).toEqual(before);
    await generateUpgrade({ previousReleases: [base], release: next, outputPath });
    expect(await readdir(outputPath)).toEqual(['dummy_0.2.json', 'dummy_0.2.tar.gz', 'relup']);
  });
});
