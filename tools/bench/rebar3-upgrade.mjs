import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runRounds } from './run-rounds.mjs';

const work = join(import.meta.dirname, 'core-work.mjs');
const examples = join(import.meta.dirname, '..', '..', 'e2e');

/** rebar3 makes no appups: this one is written for it, and is what this project plans. */
const appup = `{"0.2",
 [{"0.1", [{add_module, dummy_history}, {update, dummy_server, {advanced, []}}, {delete_module, dummy_trace}]}],
 [{"0.1", [{add_module, dummy_trace}, {update, dummy_server, {advanced, []}}, {delete_module, dummy_history}]}]}.
`;

/**
 * The upgrade of the dummy release as rebar3 lays it out, from two finished releases to the package: this project, appups
 * included, beside `rebar3 relup` and `rebar3 tar`, which are given the appup and put everything into the package.
 *
 * @param {string} folder a scratch folder
 * @param {number} rounds
 * @returns {Promise<import('./report.mjs').Comparison[]>}
 */
export async function benchRebar3Upgrade(folder, rounds) {
  const [previous, next] = [project(folder, '0.1'), project(folder, '0.2')];
  const releaseOf = (/** @type {string} */ root) => join(root, '_build/default/rel/dummy');
  const both = join(folder, 'both');
  const out = join(folder, 'ours');
  const [ours, theirs] = await runRounds(
    [
      {
        name: 'nx-otp, delta',
        command: [process.execPath, work, 'upgrade', releaseOf(previous), releaseOf(next), out, 'delta'],
        prepare: () => rmSync(out, { recursive: true, force: true }),
      },
      {
        name: 'rebar3, full',
        command: [
          'rebar3',
          'do',
          'relup',
          '-n',
          'dummy',
          '-v',
          '0.2',
          '-u',
          '0.1,',
          'tar',
          '-n',
          'dummy',
          '-v',
          '0.2',
        ],
        cwd: both,
        // It wants both releases in one folder, and writes into them.
        prepare: () => {
          rmSync(both, { recursive: true, force: true });
          cpSync(next, both, { recursive: true, verbatimSymlinks: true });
          cpSync(releaseOf(previous), releaseOf(both), { recursive: true });
          cpSync(releaseOf(next), releaseOf(both), { recursive: true });
          writeFileSync(join(releaseOf(both), 'lib/dummy-0.2/ebin/dummy.appup'), appup);
          writeFileSync(join(both, '_build/default/lib/dummy/ebin/dummy.appup'), appup);
        },
      },
    ],
    rounds,
  );
  if (ours === undefined || theirs === undefined) throw new Error('a contender is missing');
  const made = join(out, 'upgrade', 'dummy_0.2.tar.gz');
  const tarball = join(releaseOf(both), 'dummy-0.2.tar.gz');
  const members = execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' }).split('\n');
  if (!members.includes('releases/0.2/relup')) throw new Error(`${tarball} lacks the relup.`);
  return [
    {
      title: 'dummy of rebar3: relup and package, delta',
      ours: { ...ours, size: statSync(made).size },
      theirs: { ...theirs, size: statSync(tarball).size },
    },
  ];
}

/**
 * @param {string} folder
 * @param {'0.1' | '0.2'} version
 * @returns {string} the project, with its release
 */
function project(folder, version) {
  const root = join(folder, version);
  mkdirSync(root, { recursive: true });
  cpSync(join(examples, 'dummy', 'apps'), join(root, 'apps'), {
    recursive: true,
    filter: (path) => !path.endsWith('/ebin'),
  });
  if (version === '0.1') {
    cpSync(join(examples, 'dummy-0.1', 'apps'), join(root, 'apps'), { recursive: true });
    const deleted = readFileSync(join(examples, 'dummy-0.1', 'deleted-files'), 'utf8');
    for (const file of deleted.split('\n').filter(Boolean)) rmSync(join(root, file));
  }
  writeFileSync(
    join(root, 'rebar.config'),
    `{erl_opts, [debug_info]}.\n{relx, [{release, {dummy, "${version}"}, [dummy, sasl]}, {mode, prod}, {include_erts, false}, {debug_info, keep}]}.\n`,
  );
  execFileSync('rebar3', ['release'], { cwd: root, stdio: 'pipe' });
  return root;
}
