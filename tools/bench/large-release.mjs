import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runRounds } from './run-rounds.mjs';

const work = join(import.meta.dirname, 'core-work.mjs');
const MODULES = '1000';

/**
 * Two large releases, where every file differs and every tenth module really changed: comparing them, and making
 * the relup and the full package, this project beside OTP's own functions in one VM.
 *
 * @param {string} folder a scratch folder
 * @param {{ warm: number, cold: number }} rounds
 * @returns {Promise<import('./report.mjs').Comparison[]>}
 */
export async function benchLargeRelease(folder, rounds) {
  const beams = join(folder, 'beams');
  mkdirSync(beams, { recursive: true });
  const sources = ['large_release.erl', 'otp_work.erl'].map((file) => join(import.meta.dirname, file));
  execFileSync('erlc', ['-o', beams, ...sources], { stdio: 'pipe' });
  /** @type {(...run: string[]) => [string, ...string[]]} */
  const erlang = (...run) => [
    'erl',
    '-noinput',
    '-boot',
    'start_sasl',
    '-sasl',
    'errlog_type',
    'error',
    '-pa',
    beams,
    '-run',
    ...run,
  ];
  const [erl, ...args] = erlang('large_release', 'main', folder, MODULES);
  const made = execFileSync(erl, args, {
    encoding: 'utf8',
    env: { ...process.env, ERL_CRASH_DUMP_BYTES: '0' },
  });
  const [applications = '', modules = '', changed = ''] = made.trim().split(' ');
  const previous = join(folder, 'previous');
  const next = join(folder, 'next');

  const size = `${applications} applications, ${modules} modules, ${changed} changed`;
  const compare = [
    {
      name: 'nx-otp',
      command: /** @type {[string, ...string[]]} */ ([process.execPath, work, 'compare', previous, next]),
    },
    { name: 'beam_lib:cmp_dirs', command: erlang('otp_work', 'compare', previous, next) },
  ];
  checkComparison(compare[0]?.command ?? [], changed);
  const comparisons = [pair(`${size}: compare, warm`, await runRounds(compare, rounds.warm))];
  if (dropPageCache()) {
    const cold = compare.map((contender) => ({ ...contender, prepare: () => void dropPageCache() }));
    comparisons.push(pair(`${size}: compare, cold`, await runRounds(cold, rounds.cold)));
  } else {
    console.log(
      'The page cache cannot be dropped here (it takes Linux and root), so there is no cold comparison.',
    );
  }

  const output = join(folder, 'package');
  // systools takes the relup from the release's own folder, and an output of ours may not lie in an input.
  const otpNext = join(folder, 'next of systools');
  cpSync(next, otpNext, { recursive: true });
  const otpOutput = join(folder, 'package of systools');
  const packaging = await runRounds(
    [
      {
        name: 'nx-otp',
        command: [process.execPath, work, 'package', previous, next, output],
        prepare: () => rmSync(output, { recursive: true, force: true }),
      },
      {
        name: 'systools:make_relup, make_tar',
        command: erlang('otp_work', 'package', previous, otpNext, otpOutput),
        prepare: () => rmSync(otpOutput, { recursive: true, force: true }),
      },
    ],
    rounds.cold,
  );
  const { ours, theirs, title } = pair(`${size}: relup and full package`, packaging);
  comparisons.push({
    title,
    ours: { ...ours, size: statSync(join(output, 'large_2.tar.gz')).size },
    theirs: { ...theirs, size: statSync(join(otpOutput, 'large.tar.gz')).size },
  });
  return comparisons;
}

/**
 * That the comparison finds exactly what was changed.
 *
 * @param {readonly string[]} command
 * @param {string} changed
 */
function checkComparison([program = '', ...args], changed) {
  const found = execFileSync(program, args, { encoding: 'utf8' }).trim();
  if (found !== changed) throw new Error(`${changed} modules were changed, and ${found} were found.`);
}

/**
 * @param {string} title
 * @param {readonly import('./run-rounds.mjs').Measured[]} measured
 * @returns {import('./report.mjs').Comparison}
 */
function pair(title, [ours, theirs]) {
  if (ours === undefined || theirs === undefined) throw new Error('a contender is missing');
  return { title, ours, theirs };
}

/** Makes the next run read everything from the disk, its own program too; false where that is not permitted. */
function dropPageCache() {
  try {
    execFileSync('sync');
    writeFileSync('/proc/sys/vm/drop_caches', '3');
    return true;
  } catch {
    return false;
  }
}
