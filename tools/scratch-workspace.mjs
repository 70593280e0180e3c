import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdirSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = dirname(dirname(fileURLToPath(import.meta.url)));
const executables = join(repository, 'node_modules', '.bin');

/**
 * @typedef {'0.1' | '0.2'} DummyVersion
 *
 * @typedef {object} NxRun
 * @property {number} status The exit code.
 * @property {string} output What nx printed, to standard output and standard error, without colors.
 *
 * @typedef {object} NxOptions
 * @property {Record<string, string>} [env] Beside the user's environment.
 * @property {AbortSignal} [killed] Aborting it kills nx as `kill -9` does.
 * @property {AbortSignal} [interrupted] Aborting it interrupts nx as Ctrl-C does.
 * @property {(output: string) => void} [heard] Is told what nx has printed so far, each time there is more.
 *
 * @typedef {object} ScratchWorkspace
 * @property {string} folder The root of the workspace, absolute.
 * @property {string} project The folder of the project `dummy`, absolute.
 * @property {(version: DummyVersion) => Promise<void>} setVersion Puts the sources of this version in the place of
 *   those that are there. What targets made stays.
 * @property {(args: readonly string[], options?: NxOptions) => Promise<NxRun>} nx Runs the
 *   repository's nx in the workspace.
 * @property {() => void} remove Ends every process that still works in it, and removes it. With `NX_OTP_KEEP=1`
 *   it stays, and its path is printed.
 */

/**
 * Makes an Nx workspace with the release `dummy` in it, outside of the repository, with a cache of its own and a path
 * that has a space and a letter beyond ASCII. Its node has a name and a cookie of its own, so that several can run on a
 * machine. It is removed when the process ends, if not before.
 *
 * @param {string} purpose becomes a part of the folder's name
 * @returns {Promise<ScratchWorkspace>}
 */
export async function makeScratchWorkspace(purpose) {
  const folder = realpathSync(await mkdtemp(join(tmpdir(), `nx-otp ${purpose} für `)));
  const removeNow = () => {
    endProcessesIn(folder);
    if (process.env['NX_OTP_KEEP'] === '1') console.log(`kept: ${folder}`);
    else rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  process.once('exit', removeNow);
  for (const file of ['package.json', 'nx.json', '.gitignore']) {
    await cp(join(repository, file), join(folder, file));
  }
  await symlink(join(repository, 'node_modules'), join(folder, 'node_modules'));
  const project = join(folder, 'dummy');
  const node = `dummy_${randomBytes(4).toString('hex')}`;
  return {
    folder,
    project,
    setVersion: async (version) => {
      await writeSources(project, version);
      await nameNode(join(project, 'rel', 'files', 'vm.args'), node);
    },
    nx: (args, options = {}) => runNx(folder, args, options),
    remove: () => {
      process.removeListener('exit', removeNow);
      removeNow();
    },
  };
}

/**
 * @param {string} project
 * @param {DummyVersion} version
 */
async function writeSources(project, version) {
  const present = join(repository, 'e2e', 'dummy');
  await rm(join(project, 'apps', 'dummy', 'src'), { recursive: true, force: true });
  await rm(join(project, 'rel'), { recursive: true, force: true });
  // Whoever tries nx in the repository itself has these there.
  await cp(present, project, {
    recursive: true,
    filter: (path) => !['ebin', 'dist'].includes(basename(path)),
  });
  if (version === '0.2') return;
  const earlier = join(repository, 'e2e', 'dummy-0.1');
  for (const part of ['apps', 'rel']) {
    await cp(join(earlier, part), join(project, part), { recursive: true });
  }
  const deleted = await readFile(join(earlier, 'deleted-files'), 'utf8');
  for (const file of deleted.split('\n').filter((line) => line !== '')) await rm(join(project, file));
}

/**
 * @param {string} vmArgs
 * @param {string} node
 */
async function nameNode(vmArgs, node) {
  const text = await readFile(vmArgs, 'utf8');
  const renamed = text
    .replace(/^-sname .*$/m, `-sname ${node}`)
    .replace(/^-setcookie .*$/m, `-setcookie ${node}_cookie`);
  if (renamed.split(node).length !== 3)
    throw new Error(`${vmArgs} has no -sname or no -setcookie to rewrite.`);
  await writeFile(vmArgs, renamed);
}

/**
 * @param {string} folder
 * @param {readonly string[]} args
 * @param {NxOptions} options
 * @returns {Promise<NxRun>}
 */
async function runNx(folder, args, { env = {}, killed, interrupted, heard }) {
  const data = join(folder, '.nx');
  await mkdir(data, { recursive: true });
  return new Promise((resolve, reject) => {
    const nx = spawn(process.execPath, [join(executables, 'nx'), ...args], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...environmentOfUser(),
        PATH: `${executables}${delimiter}${process.env['PATH'] ?? ''}`,
        PWD: folder,
        NO_COLOR: '1',
        NX_CACHE_DIRECTORY: join(data, 'cache'),
        NX_WORKSPACE_DATA_DIRECTORY: join(data, 'workspace-data'),
        NX_DAEMON: 'false',
        // Three processes less for each run.
        NX_ISOLATE_PLUGINS: 'false',
        ...env,
      },
    });
    let output = '';
    for (const stream of [nx.stdout, nx.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (/** @type {string} */ text) => {
        output += text;
        heard?.(output);
      });
    }
    killed?.addEventListener('abort', () => nx.kill('SIGKILL'));
    interrupted?.addEventListener('abort', () => nx.kill('SIGINT'));
    nx.on('error', reject);
    nx.on('close', (code) => resolve({ status: code ?? 1, output }));
  });
}

/** The environment without what npm, nx and vitest leave for their children. */
function environmentOfUser() {
  const ofOthers = /^(?:NX_|npm_|VITEST|INIT_CWD$|FORCE_COLOR$|NODE_ENV$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ofOthers.test(name)));
}

/**
 * Kills the processes whose working directory lies in a folder of ours: a node that did not come up, an nx that was
 * interrupted. Only Linux tells; elsewhere nobody is found.
 *
 * @param {string} folder
 */
function endProcessesIn(folder) {
  for (const pid of processIds()) {
    try {
      const directory = readlinkSync(`/proc/${pid}/cwd`);
      if (directory === folder || directory.startsWith(folder + sep)) process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended meanwhile, or belongs to another user.
    }
  }
}

function processIds() {
  try {
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => pid > 0 && pid !== process.pid);
  } catch {
    return [];
  }
}
