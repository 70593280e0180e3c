import { execFileSync } from 'node:child_process';
import { cpSync, rmSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { runRounds } from './run-rounds.mjs';

const work = join(import.meta.dirname, 'core-work.mjs');
const examples = join(import.meta.dirname, '..', '..', 'e2e');

/**
 * The upgrade of the dummy release, from two finished releases to the package: this project beside rebar 2, which makes
 * only packages with everything in them.
 *
 * @param {string} folder a scratch folder; its path may hold nothing that rebar or make would stumble over
 * @param {number} rounds
 * @returns {Promise<import('./report.mjs').Comparison[]>}
 */
export async function benchDummyUpgrade(folder, rounds) {
  const previous = generateWithRebar(join(folder, '0.1'), true);
  const next = generateWithRebar(join(folder, '0.2'), false);
  const rebarFolder = join(folder, 'rebar');
  const packages = {
    delta: join(folder, 'delta', 'upgrade', 'dummy_0.2.tar.gz'),
    full: join(folder, 'full', 'upgrade', 'dummy_0.2.tar.gz'),
    rebar: join(rebarFolder, 'rel', 'dummy_0.2.tar.gz'),
  };
  /** @type {(contents: 'delta' | 'full') => import('./run-rounds.mjs').Contender} */
  const ours = (contents) => ({
    name: `nx-otp, ${contents}`,
    command: [process.execPath, work, 'upgrade', previous, next, join(folder, contents), contents],
    prepare: () => rmSync(join(folder, contents), { recursive: true, force: true }),
  });
  const [delta, full, rebar] = await runRounds(
    [
      ours('delta'),
      ours('full'),
      {
        name: 'rebar 2, full',
        command: ['rebar', 'generate-appups', 'generate-upgrade', 'previous_release=dummy_0.1'],
        cwd: join(rebarFolder, 'rel'),
        // It writes into both releases, and takes an appup that it finds as written by hand.
        prepare: () => {
          rmSync(rebarFolder, { recursive: true, force: true });
          cpSync(join(folder, '0.2'), rebarFolder, { recursive: true, verbatimSymlinks: true });
          cpSync(previous, join(rebarFolder, 'rel', 'dummy_0.1'), {
            recursive: true,
            verbatimSymlinks: true,
          });
        },
      },
    ],
    rounds,
  );
  if (delta === undefined || full === undefined || rebar === undefined)
    throw new Error('a contender is missing');
  for (const file of Object.values(packages)) checkPackage(file);
  const theirs = { ...rebar, size: statSync(packages.rebar).size };
  const title = 'dummy: appups, relup and package';
  return [
    { title: `${title}, delta`, ours: { ...delta, size: statSync(packages.delta).size }, theirs },
    { title: `${title}, full`, ours: { ...full, size: statSync(packages.full).size }, theirs },
  ];
}

/**
 * @param {string} project
 * @param {boolean} isPrevious whether it is 0.1
 * @returns {string} the folder of the release
 */
function generateWithRebar(project, isPrevious) {
  // What somebody has built in the repository itself.
  const filter = (/** @type {string} */ path) => !['ebin', 'dist'].includes(basename(path));
  cpSync(join(examples, 'dummy'), project, { recursive: true, filter });
  if (isPrevious) {
    for (const part of ['apps', 'rel']) {
      cpSync(join(examples, 'dummy-0.1', part), join(project, part), { recursive: true });
    }
    const deleted = readFileSync(join(examples, 'dummy-0.1', 'deleted-files'), 'utf8')
      .split('\n')
      .filter(Boolean);
    for (const file of deleted) rmSync(join(project, file));
  }
  execFileSync('rebar', ['compile'], { cwd: project, stdio: 'pipe' });
  execFileSync('rebar', ['generate'], { cwd: join(project, 'rel'), stdio: 'pipe' });
  return join(project, 'rel', 'dummy');
}

/**
 * That the work was done: the new code, and what release_handler installs it by.
 *
 * @param {string} file
 */
function checkPackage(file) {
  const members = execFileSync('tar', ['-tzf', file], { encoding: 'utf8' }).split('\n');
  const wanted = [
    ...['dummy_app', 'dummy_history', 'dummy_server', 'dummy_sup'].map(
      (module) => `lib/dummy-0.2/ebin/${module}.beam`,
    ),
    'lib/dummy-0.2/ebin/dummy.app',
    'releases/0.2/relup',
    'releases/0.2/start.boot',
    'releases/dummy_0.2.rel',
  ];
  const missing = wanted.filter((member) => !members.includes(member));
  if (missing.length > 0) throw new Error(`${file} lacks ${missing.join(', ')}.`);
}
