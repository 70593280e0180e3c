import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { OtpError } from '../error';
import { refuseForeignFolder, refuseOutputPath } from './output-path';

describe('an output', () => {
  it.each([
    ['prod', 'prod', 'prod: the output would replace prod, of which it is made. Choose another outputPath.'],
    ['.', 'prod', '.: the output would replace prod, of which it is made. Choose another outputPath.'],
    [
      'prod/../dist',
      'dist/appups',
      'prod/../dist: the output would replace dist/appups, of which it is made. Choose another outputPath.',
    ],
    [
      'prod/upgrade',
      'prod/',
      'prod/upgrade: the output would be written into prod/, of which it is made. Choose another outputPath.',
    ],
    [
      '/srv/prod',
      '/srv/prod/releases',
      '/srv/prod: the output would replace /srv/prod/releases, of which it is made. Choose another outputPath.',
    ],
  ])('at %s is refused beside the input %s', (output, input, message) => {
    expect(() => refuseOutputPath(output, ['/elsewhere', input])).toThrow(message);
  });

  it('may lie beside its inputs, also where names begin alike', () => {
    expect(() =>
      refuseOutputPath('dist/upgrade', [
        'dist/release',
        'dist/upgrade-base',
        'dist/up',
        '../prod',
        '..upgrade',
      ]),
    ).not.toThrow();
  });
});

describe('refuseForeignFolder', () => {
  const refuse = async (entries: readonly string[] | undefined) => {
    const root = await mkdtemp(join(tmpdir(), 'output-path '));
    const path = join(root, 'out');
    if (entries !== undefined) await mkdir(path);
    for (const entry of entries ?? []) await writeFile(join(path, entry), '');
    try {
      await refuseForeignFolder(path, (found) => found.includes('relup'));
      return 'replaced';
    } catch (error) {
      return error instanceof OtpError ? error.code : error;
    } finally {
      await rm(root, { recursive: true });
    }
  };

  it('lets an earlier output be replaced, an empty folder, and nothing', async () => {
    expect(await refuse(['relup', 'dummy_0.2.tar.gz'])).toBe('replaced');
    expect(await refuse([])).toBe('replaced');
    expect(await refuse(undefined)).toBe('replaced');
  });

  it('says nothing of a path below a file, where nothing can be written', async () => {
    await expect(refuseForeignFolder(join(__filename, 'below'), () => false)).resolves.toBeUndefined();
  });

  it('keeps a file', async () => {
    await expect(refuseForeignFolder(__filename, () => true)).rejects.toMatchObject({ code: 'output-path' });
  });

  it("keeps somebody's sources", async () => {
    expect(await refuse(['dummy.erl'])).toBe('output-path');
  });
});
