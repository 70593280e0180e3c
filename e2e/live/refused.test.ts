// Changes that no appup makes safe, or that a person should look at: planning says which module, before a node sees it.

import { BlockedUpgradeError, type Diagnostic } from '@nx-otp/core';
import { describe, expect, test } from 'vitest';
import { builtReleases } from '../support/live/built-releases.js';
import { makeUpgrade } from '../support/live/journey.js';
import type { LiveRelease } from '../support/live/scenario.js';
import { refused } from './scenarios/refused.js';

const releases: readonly LiveRelease[] = refused.map(({ name, promise, applications, appups }) => ({
  name,
  scenarios: [{ name, promise, applications, load: [], ...(appups === undefined ? {} : { appups }) }],
}));

const release = builtReleases(releases);

describe('planning finds what cannot go hot', () => {
  test.each(refused)('$name: $promise', async ({ name, finds }) => {
    const diagnostics = await makeUpgrade(release(name).built).then(
      (upgrade) => upgrade.diagnostics,
      (error: unknown): readonly Diagnostic[] => {
        if (error instanceof BlockedUpgradeError) return error.diagnostics;
        throw error;
      },
    );
    expect(diagnostics).toContainEqual(expect.objectContaining(finds));
  });
});
