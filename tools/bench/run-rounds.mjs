import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * @typedef {object} Contender
 * @property {string} name
 * @property {readonly [string, ...string[]]} command The program and its arguments.
 * @property {string} [cwd]
 * @property {Record<string, string>} [env] Beside the environment of this process.
 * @property {() => void} [prepare] Run before each run, outside of what is measured.
 *
 * @typedef {object} Measured
 * @property {string} name
 * @property {number} wall Median, in milliseconds.
 * @property {number} cpu Median of user and system time of the process and its descendants, in milliseconds.
 * @property {number | undefined} memory Peak of the largest process, in kilobytes; undefined where there is no /proc.
 * @property {readonly { wall: number, cpu: number }[]} runs In the order they were made.
 */

/**
 * Runs each contender once in each round, in an order that turns from one round to the next, so that no one of them
 * always comes after the same other. A last round, which is not timed, watches the memory.
 *
 * @param {readonly Contender[]} contenders
 * @param {number} rounds
 * @returns {Promise<Measured[]>} in the order of the contenders
 */
export async function runRounds(contenders, rounds) {
  /** @type {Map<Contender, { wall: number, cpu: number }[]>} */
  const runs = new Map(contenders.map((contender) => [contender, []]));
  for (let round = 0; round < rounds; round += 1) {
    const turn = round % contenders.length;
    for (const contender of [...contenders.slice(turn), ...contenders.slice(0, turn)]) {
      contender.prepare?.();
      runs.get(contender)?.push(timeOf(contender));
    }
  }
  const measured = [];
  for (const [contender, ofContender] of runs) {
    contender.prepare?.();
    measured.push({
      name: contender.name,
      wall: median(ofContender.map(({ wall }) => wall)),
      cpu: median(ofContender.map(({ cpu }) => cpu)),
      memory: await peakMemoryOf(contender),
      runs: ofContender,
    });
  }
  return measured;
}

// Node does not tell the CPU time of child processes. bash's `time` does, to the millisecond: getrusage(2) of all
// descendants that were waited for. `wall` is from fork to exit, and the start of bash itself is not in it.
const timed = 'TIMEFORMAT="%3R %3U %3S"; { time "$@" 2>&4; } 4>&2 2>&3';

/** @param {Contender} contender */
function timeOf(contender) {
  const result = spawnSync('bash', ['-c', timed, 'bash', ...contender.command], {
    ...optionsOf(contender),
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  if (result.error !== undefined) throw result.error;
  if (result.status !== 0) throw failed(contender, `${result.stdout.toString()}${result.stderr.toString()}`);
  const [wall = NaN, user = NaN, system = NaN] = String(result.output[3]).trim().split(' ').map(Number);
  return { wall: wall * 1000, cpu: Math.round((user + system) * 1000) };
}

/**
 * The kernel keeps the peak of each process (`VmHWM`); it is read every few milliseconds for the process and its
 * descendants while they live.
 *
 * @param {Contender} contender
 * @returns {Promise<number | undefined>}
 */
function peakMemoryOf(contender) {
  const [program, ...args] = contender.command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...optionsOf(contender), stdio: 'ignore' });
    /** @type {number | undefined} */
    let peak;
    const watch = setInterval(() => {
      for (const pid of child.pid === undefined ? [] : familyOf(child.pid)) {
        const kilobytes = Number(/^VmHWM:\s+(\d+) kB$/m.exec(readProc(`${pid}/status`))?.[1]);
        if (kilobytes > (peak ?? 0)) peak = kilobytes;
      }
    }, 3);
    child.on('error', reject);
    child.on('exit', (status) => {
      clearInterval(watch);
      if (status === 0) resolve(peak);
      else reject(failed(contender, `It ended with ${status ?? 'a signal'}.`));
    });
  });
}

/**
 * @param {number} pid
 * @returns {number[]}
 */
function familyOf(pid) {
  const children = readProc(`${pid}/task/${pid}/children`).trim().split(' ').filter(Boolean).map(Number);
  return [pid, ...children.flatMap(familyOf)];
}

/** @param {string} path */
function readProc(path) {
  try {
    return readFileSync(`/proc/${path}`, 'utf8');
  } catch {
    return '';
  }
}

/** @param {Contender} contender */
function optionsOf({ cwd, env }) {
  return { cwd, env: { ...process.env, ERL_CRASH_DUMP_BYTES: '0', ...env } };
}

/**
 * @param {Contender} contender
 * @param {string} output
 */
function failed({ name, command }, output) {
  return new Error(`${name} failed (${command.join(' ')}):\n${output}`);
}

/** @param {readonly number[]} values */
function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? NaN) + (sorted[Math.floor(middle)] ?? NaN)) / 2;
}
