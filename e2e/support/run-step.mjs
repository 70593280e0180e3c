// Runs one public function of @nx-otp/core in a process of its own, so that a test can kill it:
//   node run-step.mjs generateUpgrade '{"release": ...}'

import * as core from '@nx-otp/core';

const steps = {
  compileApplications: core.compileApplications,
  generateRelease: core.generateRelease,
  importReleases: core.importReleases,
  generateAppups: core.generateAppups,
  generateUpgrade: core.generateUpgrade,
};

const [step, options] = process.argv.slice(2);
const run = /** @type {Record<string, (options: unknown) => Promise<unknown>>} */ (steps)[step ?? ''];
if (run === undefined) throw new Error(`there is no step ${step ?? ''}`);
await run(JSON.parse(options ?? '{}'));
