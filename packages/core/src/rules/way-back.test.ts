import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildRelease, type ReleaseFields } from '../../test/releases/build-release';
import { readRelease } from '../release';
import { wayBackNotRecorded } from './way-back';

let folder: string;
let count = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nx-otp way back ü-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function findings(files: ReleaseFields['files'], dummyFolder?: string) {
  const path = await buildRelease(join(folder, String(++count)), {
    version: '0.1',
    applications: [
      { name: 'dummy', version: '0.1', ...(dummyFolder !== undefined && { folder: dummyFolder }) },
    ],
    ...(files && { files }),
  });
  const found = wayBackNotRecorded(await readRelease(path));
  return found.map(({ code, severity, message, fix }) => ({
    code: `${severity} ${code}`,
    message: message.replaceAll(path, 'BASE'),
    fix,
  }));
}

const recorded = (dummy: string, version = '0.1') => ({
  'releases/RELEASES': `[{release, "dummy", "${version}", "13.1",
    [{kernel, "1", "./lib/kernel-1"}, {stdlib, "1", "lib/stdlib-1"}, {sasl, "1", "lib/sasl-1"}${dummy}], permanent}].`,
});

describe('the way back to a base', () => {
  it('is recorded where RELEASES names its libraries, relative to the root', async () => {
    expect(await findings({})).toEqual([]);
    expect(await findings(recorded(', {dummy, "0.1", "./lib/dummy-0.1"}'))).toEqual([]);
  });

  it('needs RELEASES, and the finding says how to make it, in the words of the layout', async () => {
    const [plain, ...more] = await findings({ 'releases/RELEASES': undefined });
    expect(more).toEqual([]);
    expect(plain).toEqual({
      code: 'error releases-file-missing',
      message:
        'the previous release 0.1 in BASE has no releases/RELEASES, so release_handler takes it to have no libraries, and going back to it would fail with {case_clause, false}.',
      fix: expect.stringContaining(
        'Root = code:root_dir(), ok = release_handler:create_RELEASES("", filename:join(Root, "releases"), filename:join(Root, "releases/0.1/dummy.rel"), [])',
      ) as string,
    });
    const [mix] = await findings({
      'releases/RELEASES': undefined,
      'releases/0.1/env.sh': '',
      'releases/0.1/elixir': '',
    });
    expect(mix?.fix).toMatch(
      /bin\/dummy rpc 'root = :code\.root_dir\(\); :ok = :release_handler\.create_RELEASES\(~c"", [^']*~c"releases\/0\.1\/dummy\.rel"\), \[\]\); [^']*restart_child\(:sasl_sup, :release_handler\)'/,
    );
  });

  it('needs the version that boots there in RELEASES', async () => {
    const [found] = await findings(recorded(', {dummy, "0.1", "lib/dummy-0.1"}', '0.0.9'));
    expect(found).toMatchObject({
      code: 'error release-not-recorded',
      message:
        "releases/RELEASES of BASE does not list dummy 0.1, which boots there, so release_handler can't go back to it.",
    });
  });

  it('needs each library where RELEASES says', async () => {
    const stale = 'error library-path-stale';
    expect(await findings(recorded(', {dummy, "0.1", "old/dummy-0.1"}'))).toMatchObject([
      {
        code: stale,
        message:
          'releases/RELEASES of BASE has dummy in old/dummy-0.1, where 0.1 has no such library, so going back to it would fail with no_such_file.',
      },
    ]);
    expect(await findings(recorded(''))).toMatchObject([{ code: stale }]);
    expect(await findings(recorded(', {dummy, "0.0", "lib/dummy-0.0"}'))).toMatchObject([{ code: stale }]);
  });

  it('may lead to lib/NAME-VSN, which the package brings where the base has it otherwise', async () => {
    expect(await findings(recorded(', {dummy, "0.1", "lib/dummy-0.1"}'), 'dummy')).toEqual([]);
    expect(await findings(recorded(', {dummy, "0.1", "lib/dummy"}'), 'dummy')).toEqual([]);
  });

  it('is bound to one place on the machine by an absolute path', async () => {
    expect(await findings(recorded(', {dummy, "0.1", "/build/rel/lib/dummy-0.1"}'))).toMatchObject([
      {
        code: 'warning library-path-absolute',
        message:
          'releases/RELEASES of BASE names its libraries by absolute paths such as /build/rel/lib/dummy-0.1: going back to 0.1 works only on a node that is installed exactly there.',
      },
    ]);
  });
});
