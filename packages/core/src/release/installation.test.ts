import { describe, expect, it } from 'vitest';
import { parseBootVersion, parseInstalledReleases } from './installation';

const file = '/srv/dummy/releases/RELEASES';
const parse = (text: string) => parseInstalledReleases(Buffer.from(text), file);

describe('parseInstalledReleases', () => {
  it('reads what release_handler writes', () => {
    const text = `%% coding: utf-8
[{release,"dummy","0.2","13.1.5",
          [{kernel,"8.5.3","lib/kernel-8.5.3"},{dummy,"0.2","/srv/dummy/lib/dummy-0.2"}],
          permanent},
 {release,"dummy","0.1","13.1.5",[],old}].
`;
    expect(parse(text)).toEqual([
      {
        name: 'dummy',
        version: '0.2',
        ertsVersion: '13.1.5',
        libraries: [
          { name: 'kernel', version: '8.5.3', path: 'lib/kernel-8.5.3' },
          { name: 'dummy', version: '0.2', path: '/srv/dummy/lib/dummy-0.2' },
        ],
        status: 'permanent',
      },
      { name: 'dummy', version: '0.1', ertsVersion: '13.1.5', libraries: [], status: 'old' },
    ]);
  });

  it.each([
    ['no list', 'ok.'],
    ['an entry of another shape', '[{release,"dummy","0.2",[],permanent}].'],
    ['an unknown status', '[{release,"dummy","0.2","13",[],broken}].'],
    ['a library of another shape', '[{release,"dummy","0.2","13",[{kernel,"8.5.3"}],old}].'],
    ['nothing', ''],
  ])('refuses %s, and names the file', (_, text) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'releases-file', file }));
  });
});

describe('parseBootVersion', () => {
  it('reads the versions that start scripts read', () => {
    expect(parseBootVersion(Buffer.from('13.1.5 0.2\n'))).toEqual({ ertsVersion: '13.1.5', version: '0.2' });
  });

  it('is undefined where the file says nothing', () => {
    expect(parseBootVersion(Buffer.from('\n'))).toBeUndefined();
  });
});
