// Every scenario is taken up and down on a live node with the appups that are planned for it.
// One scenario that fails often takes those with it that share its node. To run one alone, by a part of its name:
//   NX_OTP_SCENARIO='stored fun' npx vitest run --project e2e e2e/live/planned.test.ts

import { beforeAll, describe, expect, test } from 'vitest';
import { liveReleases } from '../support/live/built-releases.js';
import type { Journey } from '../support/live/journey.js';
import { catalogue } from './scenarios/index.js';

const wanted = process.env.NX_OTP_SCENARIO ?? '';
const releases = catalogue
  .map((release) => ({
    ...release,
    scenarios: release.scenarios.filter(({ name }) => name.includes(wanted)),
  }))
  .filter(({ scenarios }) => scenarios.length > 0);

const travelWith = liveReleases(releases);

describe.each(releases)('the release $name', ({ name, scenarios }) => {
  let journey: Journey;

  beforeAll(async () => {
    journey = await travelWith(name);
  });

  test.each(scenarios)('$name: $promise', (scenario) => {
    expect(journey.findings.get(scenario.name)).toEqual([]);
  });
});

test('findings are told apart by the names of scenarios and of applications', () => {
  const scenarios = catalogue.flatMap((release) => release.scenarios);
  const applications = scenarios.flatMap((scenario) => scenario.applications);
  for (const names of [scenarios, applications].map((all) => all.map(({ name }) => name))) {
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  }
});
