import { afterEach, describe, expect, it } from 'vitest';
import { ScratchRepository } from '../../test/git/scratch-repository';
import { repositoryOf } from './git-revision';
import { findReleaseTag, releaseTagOfVersion, releaseTags } from './release-tag';

describe('a tag names a release', () => {
  const versions = (tags: string[], patterns?: string[]) =>
    releaseTags(tags, { names: ['dummy', 'dummy_rel'], ...(patterns && { patterns }) }).map(
      ({ tag, version }) => `${tag}: ${version}`,
    );

  it('in the ways that people write it', () => {
    expect(
      versions(['v1.2.3', '1.2.3', 'v2024.1', 'v1.0.0-rc.1', 'v', 'release', 'other-1.0', 'v1x y']),
    ).toEqual(['v1.2.3: 1.2.3', '1.2.3: 1.2.3', 'v2024.1: 2024.1', 'v1.0.0-rc.1: 1.0.0-rc.1']);
  });

  it('with the name of the project or of the release, and then the others are of something else', () => {
    expect(
      versions([
        'v9',
        'dummy@0.1',
        'dummy-v0.2',
        'dummy/0.3',
        'dummy_rel-0.4',
        'dummy_0.5',
        'dummy2@1',
        'my-dummy-1',
      ]),
    ).toEqual([
      'dummy@0.1: 0.1',
      'dummy-v0.2: 0.2',
      'dummy/0.3: 0.3',
      'dummy_rel-0.4: 0.4',
      'dummy_0.5: 0.5',
    ]);
  });

  it('as nx release is configured, and in no other way', () => {
    expect(versions(['v1', 'rel/1.0', 'rel/dummy/1.0'], ['rel/{version}'])).toEqual(['rel/1.0: 1.0']);
    expect(versions(['v1', 'a.b-dummy+1', 'aXb-dummy+1'], ['a.b-{projectName}+{version}'])).toEqual([
      'a.b-dummy+1: 1',
    ]);
    expect(versions(['all/2.0', '/2.0'], ['{releaseGroupName}/{version}'])).toEqual(['all/2.0: 2.0']);
  });
});

describe('the last release', () => {
  let scratch: ScratchRepository;
  afterEach(() => {
    scratch.remove();
  });
  const config = (version: string): Record<string, string> => ({
    'rel/reltool.config': `{sys, [{rel, "dummy", "${version}", [kernel, stdlib, sasl]}, {boot_rel, "dummy"}]}.`,
  });
  const last = async (currentVersion: string | undefined, names = ['dummy']) =>
    (await findReleaseTag(await repositoryOf(scratch.root), { names, release: {}, currentVersion })).tag;

  it('is the nearest that is reachable, and not of the current version', async () => {
    scratch = new ScratchRepository();
    scratch.commit({}, 'v0.8');
    scratch.commit({}, 'v0.9');
    scratch.git('checkout', '--quiet', '-b', 'other');
    scratch.commit({}, 'v0.9.5');
    scratch.git('checkout', '--quiet', 'main');
    scratch.commit({}, 'v0.10', 'deployed');
    scratch.commit({});
    expect(await last('0.11')).toBe('v0.10');
    expect(await last('0.10')).toBe('v0.9');
    expect(await last(undefined)).toBe('v0.10');
    scratch.git('checkout', '--quiet', 'v0.10');
    expect(await last(undefined)).toBe('v0.9');
  });

  it('is of another version by what its revision says, whatever its name is', async () => {
    scratch = new ScratchRepository();
    scratch.commit(config('0.1'), 'v1');
    scratch.commit(config('0.2'), 'v2');
    scratch.commit({ 'README.md': 'x' }, 'v3');
    expect(await last('0.2')).toBe('v1');
    expect(await last('0.3')).toBe('v3');
  });

  it('is the newest of several tags of one commit', async () => {
    scratch = new ScratchRepository();
    scratch.commit({}, 'v1.9', 'v1.10', '1.10');
    expect(await last('2')).toBe('1.10');
    expect(await last('2', ['other'])).toBe('1.10');
  });

  it('is not there, and the sentence says what is', async () => {
    scratch = new ScratchRepository();
    await expect(last('1')).rejects.toThrow('no tag is reachable from HEAD.');
    scratch.commit({}, 'nightly');
    await expect(last('1')).rejects.toThrow(
      'no tag that is reachable from HEAD names a release (found nightly).',
    );
    scratch.git('tag', 'v1');
    await expect(last('1')).rejects.toThrow(
      'the release tags that are reachable from HEAD (v1) are of the current version, 1.',
    );
  });

  it('of a version is found on any branch', async () => {
    scratch = new ScratchRepository();
    scratch.commit({}, 'v0.1');
    const repository = await repositoryOf(scratch.root);
    expect(await releaseTagOfVersion(repository, '0.1', { names: ['dummy'] })).toMatchObject({ tag: 'v0.1' });
    await expect(releaseTagOfVersion(repository, '0.2', { names: ['dummy'] })).rejects.toThrow(
      'there is no release tag of version 0.2 (found v0.1).',
    );
  });
});
