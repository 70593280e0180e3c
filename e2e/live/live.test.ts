import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildReleases, installedOtp, type BuiltRelease, type Otp } from '../support/live/build.js';
import { travel, type Journey } from '../support/live/journey.js';
import type { LiveRelease } from '../support/live/scenario.js';
import { cookbook } from './scenarios/cookbook.js';

const releases: readonly LiveRelease[] = [{ name: 'cookbook', scenarios: cookbook }];

let folder: string;
let otp: Otp;
let built: readonly BuiltRelease[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nx-otp live ü-'));
  otp = await installedOtp();
  built = await buildReleases(folder, otp, releases);
});

afterAll(() => {
  if (process.env.NX_OTP_KEEP === '1') console.log(`kept: ${folder}`);
  else rmSync(folder, { recursive: true, force: true });
});

describe.each(releases)('the release $name', ({ name, scenarios }) => {
  let journey: Journey;

  beforeAll(async () => {
    const release = built.find((one) => one.release.name === name);
    if (release === undefined) throw new Error(`${name} was not built`);
    journey = await travel(release, otp);
    console.log(JSON.stringify(journey.installations));
  });

  test.each(scenarios)('$name: $promise', (scenario) => {
    expect(journey.findings.get(scenario.name)).toEqual([]);
  });
});
