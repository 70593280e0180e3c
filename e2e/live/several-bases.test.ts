// One package for two releases: a node of each goes up and down, the older one past the version between.

import type { UpgradePackage } from '@nx-otp/core';
import { beforeAll, describe, expect, test } from 'vitest';
import { builtReleases } from '../support/live/built-releases.js';
import { makeUpgrade, travel, type Journey } from '../support/live/journey.js';
import type { ApplicationVersion, LiveRelease, Scenario } from '../support/live/scenario.js';
import { functional, server } from '../support/live/sources.js';

const skipping = (version: string, library: string, run: string, clauses: string): ApplicationVersion => ({
  version,
  children: ['sk_server'],
  modules: {
    sk: functional('run/0', `run() -> ${run}.`),
    sk_z_lib: library,
    sk_server: `-vsn("${version}").\n${server('get/0', `get() -> gen_server:call(?MODULE, get).\n${clauses}`)}`,
  },
});

const first = skipping(
  '1',
  functional('one/0', 'one() -> 1.'),
  'sk_z_lib:one()',
  'init([]) -> {ok, 7}.\nhandle_call(get, _, N) -> {reply, N, N}.',
);

const second = skipping(
  '2',
  functional('one/0, two/0', 'one() -> 1.\ntwo() -> 2.'),
  'sk_z_lib:two()',
  `init([]) -> {ok, {two, 7}}.
handle_call(get, _, {two, N} = S) -> {reply, N, S}.
code_change({down, "1"}, {two, N}, _) -> {ok, N};
code_change("1", N, _) -> {ok, {two, N}}.`,
);

const third = skipping(
  '3',
  functional('one/0, two/0, three/0', 'one() -> 1.\ntwo() -> 2.\nthree() -> 3.'),
  'sk_z_lib:three()',
  `init([]) -> {ok, {three, 7, []}}.
handle_call(get, _, {three, N, _} = S) -> {reply, N, S}.
code_change({down, "1"}, {three, N, _}, _) -> {ok, N};
code_change({down, "2"}, {three, N, _}, _) -> {ok, {two, N}};
code_change("1", N, _) -> {ok, {three, N, []}};
code_change("2", {two, N}, _) -> {ok, {three, N, []}}.`,
);

const scenarioFrom = (base: ApplicationVersion, state: string, run: number): Scenario => ({
  name: `to 3 from ${base.version ?? ''}`,
  promise: 'the state is converted from the version that runs, and back to that one',
  applications: [{ name: 'sk', v1: base, v2: third }],
  load: ['7 = sk_server:get()', 'true = is_integer(sk:run())'],
  before: [`${state} = sys:get_state(sk_server)`],
  up: ['{three, 7, []} = sys:get_state(sk_server)', '3 = sk:run()'],
  down: [`${state} = sys:get_state(sk_server)`, `${run} = sk:run()`],
});

const releases = [
  { name: 'from 1', numbers: { v1: '1', v2: '3' }, scenarios: [scenarioFrom(first, '7', 1)] },
  { name: 'from 2', numbers: { v1: '2', v2: '3' }, scenarios: [scenarioFrom(second, '{two, 7}', 2)] },
] satisfies LiveRelease[];

const release = builtReleases(releases);
let upgrade: UpgradePackage;

beforeAll(async () => {
  upgrade = await makeUpgrade(release('from 1').built, [release('from 2').built]);
});

describe.each(releases)('$name', ({ name, scenarios }) => {
  let journey: Journey;

  beforeAll(async () => {
    const { built, otp } = release(name);
    journey = await travel(built, otp, upgrade);
  });

  test.each(scenarios)('$name: $promise', (scenario) => {
    expect(journey.findings.get(scenario.name)).toEqual([]);
  });
});
