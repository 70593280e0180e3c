// Makes a fresh clone work: npm packages, Erlang/OTP, the build. Run by demo, test and bench, and safe to repeat.
//   node tools/set-up.mjs [elixir] [rebar] [rebar3]
// Uses nothing but Node's own library, since it is what brings everything else.

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = dirname(dirname(fileURLToPath(import.meta.url)));

/** @typedef {'erlang' | 'elixir' | 'rebar' | 'rebar3'} Need */

/** @type {Record<Need, { present: () => boolean, packages: string[] }>} */
const needs = {
  erlang: {
    present: erlangIsComplete,
    packages: [
      'erlang-base',
      'erlang-dev',
      'erlang-reltool',
      'erlang-parsetools',
      'erlang-tools',
      'erlang-crypto',
    ],
  },
  elixir: { present: () => onPath('elixir') !== undefined, packages: ['elixir'] },
  rebar: { present: () => onPath('rebar') !== undefined, packages: ['rebar'] },
  rebar3: { present: () => onPath('rebar3') !== undefined, packages: ['rebar3'] },
};

/**
 * Installs what is missing and builds what is out of date.
 *
 * @param {readonly Need[]} also what is needed beside Erlang
 * @throws {SetUpError} a sentence for the person at the terminal
 */
export function setUp(also = []) {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 20) {
    throw new SetUpError(`Node.js 20 or later is needed, and this is ${process.versions.node}.`);
  }
  installNpmPackages();
  installDebianPackages(['erlang', ...also]);
  run('npm', ['run', '--silent', 'build'], 'The build failed.');
}

export class SetUpError extends Error {}

/** `npm ci` writes `node_modules/.package-lock.json`: older than the lock file means that somebody changed the latter. */
function installNpmPackages() {
  const installed = join(repository, 'node_modules', '.package-lock.json');
  const wanted = join(repository, 'package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(wanted).mtimeMs) return;
  console.log('Installing npm packages: npm ci');
  run('npm', ['ci'], 'npm ci failed, so the npm packages of this repository are missing.');
}

/** @param {readonly Need[]} wanted */
function installDebianPackages(wanted) {
  const missing = wanted.filter((need) => !needs[need].present());
  if (missing.length === 0) return;
  const packages = missing.flatMap((need) => needs[need].packages);
  const names = missing.join(' and ');
  if (onPath('apt-get') === undefined) {
    throw new SetUpError(
      `${names} is missing, and there is no apt-get to install it with: install it (${packages.join(', ')} in Debian's names), put it on PATH, and run this again.`,
    );
  }
  const isRoot = process.getuid?.() === 0;
  if (!isRoot && onPath('sudo') === undefined) {
    throw new SetUpError(
      `${names} is missing, and installing it takes root or sudo: run "apt-get install ${packages.join(' ')}" as root, and then this again.`,
    );
  }
  const failure = `${names} is missing, and apt-get could not install it: see what it says above.`;
  // sudo keeps little of the environment.
  const apt = [...(isRoot ? [] : ['sudo']), 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get'];
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', ...packages]]) {
    const [program = '', ...rest] = [...apt, ...args];
    console.log(`Installing ${names}: apt-get ${args.join(' ')}`);
    run(program, rest, failure);
  }
  const stillMissing = missing.filter((need) => !needs[need].present());
  if (stillMissing.length > 0) {
    throw new SetUpError(
      `apt-get installed ${names}, and still there is no ${stillMissing.join(' and no ')} on PATH.`,
    );
  }
}

/** Debian has Erlang in parts: whoever has `erl` may still lack the applications that releases are made with. */
function erlangIsComplete() {
  const erl = onPath('erl');
  if (erl === undefined) return false;
  const libraries = join(dirname(dirname(realpathSync(erl))), 'lib');
  // A shim of a version manager lies elsewhere, and what it stands for is complete.
  if (!existsSync(join(libraries, '..', 'releases', 'start_erl.data'))) return true;
  const present = readdirSync(libraries);
  return ['sasl', 'reltool', 'parsetools', 'tools', 'crypto'].every((application) =>
    present.some((folder) => folder.startsWith(`${application}-`)),
  );
}

/** @param {string} program */
function onPath(program) {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find((file) => existsSync(file));
}

/**
 * @param {string} program
 * @param {readonly string[]} args
 * @param {string} failure
 */
function run(program, args, failure) {
  const { status, error } = spawnSync(program, args, { cwd: repository, stdio: 'inherit' });
  if (error !== undefined) throw new SetUpError(`${failure} (${error.message})`);
  if (status !== 0) throw new SetUpError(failure);
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    const also = /** @type {Need[]} */ (process.argv.slice(2).filter((argument) => argument in needs));
    setUp(also);
  } catch (error) {
    if (!(error instanceof SetUpError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
