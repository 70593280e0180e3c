// What the work costs, beside rebar 2, rebar3 and OTP's own functions on the same releases, on this machine, now.
//   npm run bench
//   npm run bench -- --json FILE     the figures of every run, too
// docs/benchmarks.md says what the rows mean.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { setUp, SetUpError } from '../set-up.mjs';
import { benchDummyUpgrade } from './dummy-upgrade.mjs';
import { benchLargeRelease } from './large-release.mjs';
import { comparisonTable, machine, machineText, ratios } from './report.mjs';
import { benchRebar3Upgrade } from './rebar3-upgrade.mjs';
import { runRounds } from './run-rounds.mjs';

const { values: options } = parseArgs({ options: { json: { type: 'string' } } });
try {
  setUp(['rebar', 'rebar3']);
} catch (error) {
  if (!(error instanceof SetUpError)) throw error;
  console.error(error.message);
  process.exit(1);
}

const facts = machine();
console.log(
  `\n${machineText(facts)}\nMedians of several rounds in turn; the ratio is nx-otp's figure divided by the other's.\n`,
);
const folder = mkdtempSync(join(tmpdir(), 'nx-otp-bench-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(130));

const comparisons = [
  await benchStart(),
  ...(await benchDummyUpgrade(join(folder, 'dummy'), 6)),
  ...(await benchRebar3Upgrade(join(folder, 'rebar3'), 6)),
  ...(await benchLargeRelease(join(folder, 'large'), { warm: 6, cold: 4 })),
];
console.log(comparisonTable(comparisons));
if (options.json !== undefined) {
  const rows = comparisons.map((comparison) => ({ ...comparison, ratios: ratios(comparison) }));
  writeFileSync(options.json, `${JSON.stringify({ machine: facts, rows }, undefined, 2)}\n`);
}

/** What is in every other figure: starting Node and loading @nx-otp/core, starting a VM. */
async function benchStart() {
  const [ours, theirs] = await runRounds(
    [
      {
        name: 'node, with @nx-otp/core',
        command: [process.execPath, join(import.meta.dirname, 'core-work.mjs'), 'start'],
      },
      { name: 'erl', command: ['erl', '-noinput', '-boot', 'start_clean', '-eval', 'halt().'] },
    ],
    6,
  );
  if (ours === undefined || theirs === undefined) throw new Error('a contender is missing');
  return { title: 'start, and nothing else', ours, theirs };
}
