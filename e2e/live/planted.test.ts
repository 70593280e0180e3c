// What these tests would miss, the others would miss, too: each relup is right but for one mistake, and that one
// must be found. The relup is changed behind the back of planning, which may refuse such a thing.

import { beforeAll, describe, expect, test } from 'vitest';
import { liveReleases } from '../support/live/built-releases.js';
import type { Journey } from '../support/live/journey.js';
import type { LiveRelease, Scenario } from '../support/live/scenario.js';
import { catalogue } from './scenarios/index.js';

type Section = 'up' | 'down';

interface Planted {
  readonly mistake: string;
  readonly scenario: string;
  readonly section: Section;
  /** From the instructions, one on each line, to wrong ones. */
  readonly tamper: (lines: readonly string[]) => readonly string[];
  /** What must be found. */
  readonly says: RegExp;
}

/** Mistakes after which the node stays up: they share one. */
const planted: readonly Planted[] = [
  {
    mistake: 'the caller of a new function is loaded first',
    scenario: 'dependency, function added',
    section: 'up',
    tamper: exchanged('{load, {da_caller,', '{load, {da_library,'),
    says: /^up: call failed: error undef in \{da_library,new,0\}/,
  },
  {
    mistake: 'the caller of a function that comes back is loaded first, on the way down',
    scenario: 'dependency, function removed',
    section: 'down',
    tamper: exchanged('{load, {dr_caller,', '{load, {dr_a_library,'),
    says: /^down: call failed: error undef in \{dr_a_library,old,0\}/,
  },
  {
    mistake: 'a module is deleted while it is called',
    scenario: 'modules added and deleted',
    section: 'up',
    tamper: exchanged('{remove, {am_old,', '{load, {am,'),
    says: /^up: call failed: error undef in \{am_old,run,0\}/,
  },
  {
    mistake: 'nothing is loaded on the way down',
    scenario: 'functional module',
    section: 'down',
    tamper: without('{load, {fm,'),
    says: /^down: fm: fm runs other code than the release has/,
  },
  {
    mistake: 'a new child is not started',
    scenario: 'child added',
    section: 'up',
    tamper: without('restart_child, [ca_sup'),
    says: /^up: ca ca_new does not run/,
  },
  {
    mistake: 'a module that a client waits in is purged brutally',
    scenario: 'client blocked in a library',
    section: 'up',
    tamper: (lines) =>
      lines.map((line) => line.replace('{bl, soft_purge, soft_purge}', '{bl, brutal_purge, brutal_purge}')),
    says: /^up: .*bl_guest/,
  },
];

/** Mistakes that end the node, or restart it. */
const fatal: readonly Planted[] = [
  {
    mistake: 'a state is not converted',
    scenario: 'internal state',
    section: 'up',
    tamper: without('{code_change, up, [{is_server,'),
    says: /Generic server is_server terminating/,
  },
  {
    mistake: 'a server is not suspended while what it calls is exchanged',
    scenario: 'dependency, function exchanged',
    section: 'up',
    tamper: without('[de_server]}'),
    says: /Generic server de_server terminating.*de_library/,
  },
  {
    mistake: 'code_change of a module without code_change/3 is called',
    scenario: 'no code_change',
    section: 'up',
    tamper: (lines) =>
      lines.flatMap((line) =>
        line.startsWith('{load, {nc_server')
          ? ['{suspend, [nc_server]}', line, '{code_change, up, [{nc_server, []}]}', '{resume, [nc_server]}']
          : [line],
      ),
    says: /install_release up: .*code_change_failed/,
  },
];

const scenarioOf = (name: string): Scenario => {
  const scenario = catalogue.flatMap(({ scenarios }) => scenarios).find((one) => one.name === name);
  if (scenario === undefined) throw new Error(`there is no scenario ${name}`);
  return scenario;
};

const together: LiveRelease = {
  name: 'planted',
  scenarios: planted.map(({ scenario }) => scenarioOf(scenario)),
  tamper: (relup) => planted.reduce(plant, relup),
};

const alone: readonly LiveRelease[] = fatal.map((mistake, index) => ({
  name: `planted ${index + 1}`,
  scenarios: [scenarioOf(mistake.scenario)],
  tamper: (relup) => plant(relup, mistake),
}));

const travelWith = liveReleases([together, ...alone]);

describe('a mistake in the relup is found', () => {
  let journey: Journey;

  beforeAll(async () => {
    journey = await travelWith(together.name);
  });

  test.each(planted)('$mistake', ({ scenario, says }) => {
    expect(journey.findings.get(scenario)).toContainEqual(expect.stringMatching(says));
  });
});

describe('a mistake that ends the node is found', () => {
  test.each(fatal.map((mistake, index) => ({ ...mistake, release: `planted ${index + 1}` })))(
    '$mistake',
    async ({ release, scenario, says }) => {
      const journey = await travelWith(release);
      expect(journey.findings.get(scenario)).toContainEqual(expect.stringMatching(says));
    },
  );
});

/** Changes one section of a relup with one up and one down section, whose instructions are one on each line. */
function plant(relup: string, { section, tamper, mistake }: Planted): string {
  const parts = /^([^]*?\n {3}\[)([^]*?)(\]\}\],\n[^]*?\n {3}\[)([^]*?)(\]\}\]\}\.\n*)$/.exec(relup);
  if (parts === null) throw new Error(`the relup does not look as expected:\n${relup}`);
  const [, head = '', up = '', middle = '', down = '', tail = ''] = parts;
  const changed = (instructions: string, name: Section): string => {
    if (name !== section) return instructions;
    const lines = instructions.split(/,\n(?= {4}\S)/).map((line) => line.trim());
    const wrong = tamper(lines);
    if (wrong.join() === lines.join()) throw new Error(`nothing to change for "${mistake}" in:\n${relup}`);
    return wrong.join(',\n    ');
  };
  return [head, changed(up, 'up'), middle, changed(down, 'down'), tail].join('');
}

/** Exchanges the places of the first instructions that begin with these texts. */
function exchanged(one: string, other: string): Planted['tamper'] {
  return (lines) => {
    const [first, second] = [one, other].map((start) => lines.findIndex((line) => line.startsWith(start)));
    if (first === undefined || second === undefined || first < 0 || second < 0) return lines;
    const swapped = [...lines];
    [swapped[first], swapped[second]] = [lines[second] ?? '', lines[first] ?? ''];
    return swapped;
  };
}

/** Leaves out the instructions that hold this text. */
function without(text: string): Planted['tamper'] {
  return (lines) => lines.filter((line) => !line.includes(text));
}
