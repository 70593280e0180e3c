// Everything that is known to be true about this project, stage by stage; ends at the first stage that fails.
//   npm test                                    everything
//   npm test -- packages/core/src/relup         the checks, and the tests that these arguments of vitest select

import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setUp, SetUpError } from './set-up.mjs';

const repository = dirname(dirname(fileURLToPath(import.meta.url)));
const selected = process.argv.slice(2);

/** @type {[string, () => boolean][]} */
const stages = [
  ['set-up', setUpSucceeds],
  ['format check', () => run('prettier', '--check', '--log-level', 'warn', '.')],
  ['lint', () => run('eslint', '.')],
  ['type check', () => run('tsc', '-b')],
];
if (selected.length > 0) {
  stages.push(['selected tests', () => run('vitest', 'run', ...selected)]);
} else {
  stages.push(['unit tests', () => run('vitest', 'run', '--project', 'unit')]);
  stages.push(['e2e tests', () => run('vitest', 'run', '--project', 'e2e')]);
}

const timings = [];
for (const [name, succeeds] of stages) {
  console.log(`\n== ${name}`);
  const start = Date.now();
  const success = succeeds();
  timings.push(`${name} ${((Date.now() - start) / 1000).toFixed(1)} s`);
  if (success) continue;
  console.error(`\nnpm test: the ${name} failed. (${timings.join(', ')})`);
  process.exit(1);
}
console.log(`\nnpm test: everything holds. (${timings.join(', ')})`);

function setUpSucceeds() {
  try {
    setUp(['elixir', 'rebar3']);
    return true;
  } catch (error) {
    if (!(error instanceof SetUpError)) throw error;
    console.error(error.message);
    return false;
  }
}

/**
 * @param {string} program of node_modules
 * @param {string[]} args
 */
function run(program, ...args) {
  const { status, error } = spawnSync(
    process.execPath,
    [join(repository, 'node_modules', '.bin', program), ...args],
    { cwd: repository, stdio: 'inherit' },
  );
  if (error !== undefined) throw error;
  return status === 0;
}
