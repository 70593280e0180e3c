// Every scenario is taken up and down on a live node with the appups that are planned for it.
// One scenario that fails often takes those with it that share its node: the first lines of what was found say which
// process crashed first.

import { beforeAll, describe, expect, test } from 'vitest';
import { liveReleases } from '../support/live/built-releases.js';
import { callsAcross, type Journey } from '../support/live/journey.js';
import type { LiveRelease, Scenario } from '../support/live/scenario.js';
import { cookbook } from './scenarios/cookbook.js';
import { fieldGuide } from './scenarios/field-guide.js';
import { orders } from './scenarios/order.js';
import { pendingScenarios } from './scenarios/pending.js';
import { realProjects } from './scenarios/real-projects.js';
import { reviewed } from './scenarios/reviewed.js';

const pending = new Set(pendingScenarios.map(({ scenario }) => scenario));
const ready = (scenarios: readonly Scenario[]): Scenario[] =>
  scenarios.filter(({ name }) => !pending.has(name));

const releases: readonly LiveRelease[] = [
  { name: 'cookbook', scenarios: ready(cookbook) },
  { name: 'field guide', scenarios: ready(fieldGuide) },
  { name: 'real projects', scenarios: ready(realProjects) },
  { name: 'orders', scenarios: ready(orders) },
  { name: 'reviewed', scenarios: ready(reviewed) },
];

const travelWith = liveReleases(releases);

describe.each(releases)('the release $name', ({ name, scenarios }) => {
  let journey: Journey;

  beforeAll(async () => {
    journey = await travelWith(name);
  });

  test.each(scenarios)('$name: $promise', (scenario) => {
    expect(journey.findings.get(scenario.name)).toEqual([]);
  });

  test('clients called all the while', () => {
    expect(journey.installations.map(({ to }) => to)).toEqual(['v2', 'v1', 'v2', 'v1']);
    for (const { calls } of journey.installations) {
      // Within install_release alone. The harness waits for as many more before it goes on.
      expect(Math.min(...calls)).toBeGreaterThanOrEqual(callsAcross);
    }
  });
});

test('every scenario that is pending exists', () => {
  const names = [cookbook, fieldGuide, realProjects, orders, reviewed].flat().map(({ name }) => name);
  expect(names).toEqual([...new Set(names)]);
  expect([...pending].filter((name) => !names.includes(name))).toEqual([]);
});
