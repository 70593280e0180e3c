import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';

/**
 * @typedef {import('./run-rounds.mjs').Measured & { size?: number }} Side What one contender cost; `size` is of its
 *   package, in bytes.
 *
 * @typedef {object} Comparison
 * @property {string} title
 * @property {Side} ours
 * @property {Side} theirs
 *
 * @typedef {object} Machine
 * @property {number} cores
 * @property {string} processor
 * @property {number} memory In gigabytes.
 * @property {string} node
 * @property {string} otp
 */

/** @returns {Machine} */
export function machine() {
  const question =
    'io:format("~s, erts ~s",[erlang:system_info(otp_release),erlang:system_info(version)]),halt().';
  return {
    cores: cpus().length,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    memory: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    otp: execFileSync('erl', ['-noinput', '-boot', 'start_clean', '-eval', question], { encoding: 'utf8' }),
  };
}

/** @param {Machine} facts */
export function machineText({ cores, processor, memory, node, otp }) {
  return `${cores} cores (${processor}), ${memory} GB, Node.js ${node}, Erlang/OTP ${otp}`;
}

/**
 * Ours divided by theirs: below 1, ours is cheaper.
 *
 * @param {Comparison} comparison
 */
export function ratios({ ours, theirs }) {
  /** @type {(a: number | undefined, b: number | undefined) => number | undefined} */
  const ratio = (a, b) => (a === undefined || b === undefined ? undefined : Number((a / b).toPrecision(2)));
  return {
    wall: ratio(ours.wall, theirs.wall),
    cpu: ratio(ours.cpu, theirs.cpu),
    memory: ratio(ours.memory, theirs.memory),
    size: ratio(ours.size, theirs.size),
  };
}

/**
 * @param {readonly Comparison[]} comparisons
 * @returns {string} a table for a terminal
 */
export function comparisonTable(comparisons) {
  const lines = [row('', 'time', 'CPU time', 'peak memory', 'package')];
  for (const comparison of comparisons) {
    const { ours, theirs, title } = comparison;
    const { wall, cpu, memory, size } = ratios(comparison);
    lines.push('', title, sideRow(ours), sideRow(theirs));
    lines.push(
      row('  ratio', ...[wall, cpu, memory, size].map((ratio) => (ratio === undefined ? '' : String(ratio)))),
    );
  }
  return lines.join('\n');
}

/** @param {Side} side */
function sideRow({ name, wall, cpu, memory, size }) {
  return row(
    `  ${name}`,
    `${Math.round(wall)} ms`,
    `${Math.round(cpu)} ms`,
    memory === undefined ? '' : `${Math.round(memory / 1024)} MB`,
    size === undefined ? '' : `${size.toLocaleString('en')} B`,
  );
}

/**
 * @param {string} name
 * @param {readonly string[]} values
 */
function row(name, ...values) {
  return `${name.padEnd(34)}${values.map((value) => value.padStart(14)).join('')}`.trimEnd();
}
