import { execFile } from 'node:child_process';
import { copyFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * @typedef {object} ReleaseNode
 * @property {string} root The folder of the release.
 * @property {() => Promise<void>} start Boots the version that `releases/start_erl.data` names, and waits until it answers.
 * @property {() => Promise<void>} stop Ends it, whatever state it is in; true of a node that does not run, too.
 * @property {() => Promise<boolean>} answers
 * @property {(expression: string) => Promise<string>} evaluate The value of an Erlang expression (with its dot), as
 *   Erlang prints it, on one line.
 * @property {(upgradePackage: string) => Promise<string>} receive Copies a package to where release_handler looks for it.
 *   Returns the name that `release_handler:unpack_release/1` wants.
 */

/**
 * The node of a release in a folder, driven with the release's own `bin/dummy`.
 *
 * @param {string} root
 * @returns {ReleaseNode}
 */
export function releaseNode(root) {
  /** @type {number | undefined} */
  let pid;
  /** @param {string[]} args */
  const dummy = async (...args) => {
    const { stdout } = await run(join(root, 'bin', 'dummy'), args, { cwd: root });
    return stdout.trim().replace(/\s*\n\s*/g, ' ');
  };
  const answers = () =>
    dummy('ping').then(
      () => true,
      () => false,
    );
  return {
    root,
    answers,
    start: async () => {
      await dummy('start');
      pid = Number(await dummy('pid'));
    },
    stop: async () => {
      if (pid === undefined) return;
      // A node that is stuck does not hear it.
      await dummy('stop').catch(() => undefined);
      if (!(await ended(pid, 10))) process.kill(pid, 'SIGKILL');
      pid = undefined;
    },
    evaluate: (expression) => dummy('eval', expression),
    receive: async (upgradePackage) => {
      await copyFile(upgradePackage, join(root, 'releases', basename(upgradePackage)));
      return basename(upgradePackage, '.tar.gz');
    },
  };
}

/**
 * Whether a process ends within so many seconds.
 *
 * @param {number} pid
 * @param {number} seconds
 */
async function ended(pid, seconds) {
  for (const end = Date.now() + seconds * 1000; Date.now() < end;) {
    try {
      process.kill(pid, 0);
    } catch {
      return true;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}
