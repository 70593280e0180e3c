import { describe, expect, it } from 'vitest';
import { contextOf } from '../../test/context';
import { madeBy } from './dependency-output';
import { givenPath, outputOption } from './project-paths';

const workspace = contextOf({ root: process.cwd(), projects: { dummy: {} } });

describe('an output', () => {
  it('lies where it is said, in the workspace, and else below dist', () => {
    expect(outputOption(workspace, undefined, 'appups')).toBe('dummy/dist/appups');
    expect(outputOption(workspace, 'out/appups', 'appups')).toBe('out/appups');
  });

  it.each(['..', '../out', '/srv/out', '.'])('does not lie in %s, which Nx would not cache', (path) => {
    expect(() => outputOption(workspace, path, 'appups')).toThrow(
      'the output would not lie inside the workspace, and Nx caches nothing else. Choose an outputPath in the workspace',
    );
  });
});

describe('an option that is empty', () => {
  it.each(['', ' '])('is not taken for the workspace root: "%s"', (given) => {
    expect(() => givenPath(workspace, 'previousRelease', given)).toThrow(
      'the option previousRelease is empty. Give a path, absolute or relative to the workspace root, or leave previousRelease out.',
    );
  });
});

describe('what another step has made', () => {
  const configured = contextOf({
    root: process.cwd(),
    target: 'generate-upgrade',
    projects: {
      dummy: {
        generate: { executor: 'nx-otp:generate', options: { outputPath: 'out/release' } },
        'generate-upgrade': { executor: 'nx-otp:generate-upgrade' },
      },
    },
    tasks: { 'dummy:generate-upgrade': { needs: ['dummy:generate'] }, 'dummy:generate': {} },
  });
  const release = (given?: string) =>
    madeBy(configured, 'nx-otp:generate', 'release', { name: 'release', given });

  it('is where its target puts it', () => {
    expect(release()).toBe('out/release');
    expect(release('prod')).toBe('prod');
  });

  it('is below dist, where no such target is depended on', () => {
    expect(madeBy(workspace, 'nx-otp:generate', 'release', { name: 'release', given: undefined })).toBe(
      'dummy/dist/release',
    );
  });
});
