import type { CreateNodes } from '@nx/devkit';
import { expect, it } from 'vitest';
import { nxRelease, publishTarget, releasedByNx } from './nx-release';

it('every project can be released, and the rest of the graph stays', async () => {
  const shop = { name: 'shop', targets: { generate: { executor: 'nx-otp:generate' } } };
  const external = {
    'hex:a': { type: 'hex', name: 'hex:a' as const, data: { packageName: 'a', version: '1' } },
  };
  const inferred: CreateNodes = [
    'files',
    () =>
      Promise.resolve([
        ['shop/mix.exs', { projects: { shop, codec: {} } }],
        ['mix.lock', { externalNodes: external }],
        ['libs/mix.exs', {}],
      ]),
  ];
  const [files, create] = releasedByNx(inferred);
  expect(files).toBe('files');
  expect(await create([], undefined, { workspaceRoot: '/ws', nxJsonConfiguration: {} })).toEqual([
    [
      'shop/mix.exs',
      {
        projects: {
          shop: {
            name: 'shop',
            targets: { generate: { executor: 'nx-otp:generate' }, 'nx-release-publish': publishTarget },
            release: nxRelease,
          },
          codec: { targets: { 'nx-release-publish': publishTarget }, release: nxRelease },
        },
      },
    ],
    ['mix.lock', { externalNodes: external }],
    ['libs/mix.exs', {}],
  ]);
});
