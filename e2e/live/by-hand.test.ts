// Scenarios that planning does not pass yet, with the appups that an engineer writes for them: they can be passed.

import { beforeAll, describe, expect, test } from 'vitest';
import { liveReleases } from '../support/live/built-releases.js';
import type { Journey } from '../support/live/journey.js';
import type { LiveRelease, Scenario } from '../support/live/scenario.js';
import { byHand } from './scenarios/by-hand.js';
import { orders } from './scenarios/order.js';

const scenarios: readonly Scenario[] = orders.filter(({ name }) => name in byHand);

const release: LiveRelease = {
  name: 'by hand',
  scenarios: scenarios.map((scenario) => ({ ...scenario, appups: byHand[scenario.name] })),
};

const travelWith = liveReleases([release]);

describe('with an appup that was written by hand', () => {
  let journey: Journey;

  beforeAll(async () => {
    journey = await travelWith(release.name);
  });

  test.each(scenarios)('$name: $promise', (scenario) => {
    expect(journey.findings.get(scenario.name)).toEqual([]);
  });
});
