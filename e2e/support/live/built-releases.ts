import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { buildReleases, installedOtp, type BuiltRelease, type Otp } from './build.js';
import { makeUpgrade, travel, type Journey } from './journey.js';
import type { LiveRelease } from './scenario.js';

/**
 * Builds the releases of a test file before its tests, in a scratch folder that is removed after them (NX_OTP_KEEP=1
 * keeps it and prints where it is).
 *
 * @returns one of them, by name
 */
export function builtReleases(
  releases: readonly LiveRelease[],
): (name: string) => { readonly built: BuiltRelease; readonly otp: Otp } {
  let folder: string;
  let otp: Otp;
  let all: readonly BuiltRelease[];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'nx-otp live ü-'));
    otp = await installedOtp();
    all = await buildReleases(folder, otp, releases);
  });
  afterAll(() => {
    if (process.env.NX_OTP_KEEP === '1') console.log(`kept: ${folder}`);
    else rmSync(folder, { recursive: true, force: true });
  });
  return (name) => {
    const built = all.find(({ release }) => release.name === name);
    if (built === undefined) throw new Error(`${name} was not built`);
    return { built, otp };
  };
}

/** The same, for what takes one of them through its upgrade. */
export function liveReleases(releases: readonly LiveRelease[]): (name: string) => Promise<Journey> {
  const release = builtReleases(releases);
  return async (name) => {
    const { built, otp } = release(name);
    return travel(built, otp, await makeUpgrade(built));
  };
}
