import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ScratchRepository } from '../../test/git/scratch-repository';
import { readRelease } from '../release';
import { buildBase } from './build-base';
import { repositoryOf } from './git-revision';

let scratch: ScratchRepository;
beforeEach(() => {
  scratch = new ScratchRepository();
});
afterEach(() => {
  scratch.remove();
});

const reltoolConfig = `{sys, [
    {lib_dirs, ["../../../libs"]},
    {rel, "shop", "0.1", [kernel, stdlib, sasl, money]},
    {boot_rel, "shop"}, {profile, embedded}, {incl_cond, exclude}, {debug_info, keep},
    {excl_archive_filters, [".*"]},
    {app, kernel, [{incl_cond, include}]}, {app, stdlib, [{incl_cond, include}]},
    {app, sasl, [{incl_cond, include}]}, {app, money, [{incl_cond, include}]}
]}.
`;

it('is built of applications of other projects alone, too', async () => {
  const commit = scratch.commit({
    'libs/money/src/money.app.src':
      '{application, money, [{description, ""}, {vsn, "0.1"}, {registered, []}, {applications, [kernel, stdlib]}]}.',
    'libs/money/src/money.erl': '-module(money).\n-export([of_shop/0]).\nof_shop() -> 1.\n',
    'releases/shop/rel/reltool.config': reltoolConfig,
  });
  const options = {
    repository: await repositoryOf(join(scratch.root, 'releases/shop')),
    commit,
    release: {},
    releaseName: 'shop',
    outputPath: join(scratch.folder, 'base'),
  };
  await buildBase({ ...options, libraries: [{ folder: 'libs/money', libraries: [] }] });
  const { applications } = await readRelease(options.outputPath);
  expect(applications.map(({ name, version }) => `${name} ${version}`)).toContain('money 0.1');
  await expect(buildBase(options)).rejects.toThrow(
    `the release of revision ${commit.slice(0, 12)} cannot be built: there is no OTP application in releases/shop.`,
  );
});
