// Runs in a worker: calls a project's transform for one section of an appup after the other, and says what came of it.
// What it gives back is described here, while the objects it was given can still be told from others.
import { pathToFileURL } from 'node:url';
import { inspect } from 'node:util';
import { parentPort, workerData } from 'node:worker_threads';

/** @typedef {{ readonly instructions: readonly { text: string; instruction: unknown }[] }} Section */

/** @type {unknown} */
const given = workerData;
const { file } = /** @type {{ file: string }} */ (given);
const url = pathToFileURL(file).href;

/** Short: what is wrong with it shows at the beginning. @param {unknown} value */
function excerpt(value) {
  return inspect(value, { depth: 1, breakLength: Infinity, maxArrayLength: 3, maxStringLength: 100 });
}

/** @param {unknown} error */
function describeError(error) {
  if (!(error instanceof Error)) return { message: excerpt(error), position: undefined, isSyntax: false };
  const frame = (error.stack ?? '')
    .split('\n')
    .find((line) => line.includes(`${url}:`) || line.includes(`${file}:`));
  const [, line, column] = /:(\d+):(\d+)\)?$/.exec(frame ?? '') ?? [];
  return {
    message: error.message,
    position: line === undefined ? undefined : { line: Number(line), column: Number(column) },
    isSyntax: error instanceof SyntaxError,
  };
}

/** @param {object} value */
function freeze(value) {
  if (ArrayBuffer.isView(value)) return;
  for (const part of /** @type {unknown[]} */ (Object.values(value)))
    if (typeof part === 'object' && part !== null) freeze(part);
  Object.freeze(value);
}

/**
 * @param {unknown} element
 * @param {ReadonlyMap<unknown, number>} given The objects it was given, and their places.
 * @param {ReadonlySet<unknown>} instructions The structured forms in them.
 */
function describeElement(element, given, instructions) {
  if (typeof element === 'string') return { text: element };
  const at = given.get(element);
  if (at !== undefined) return { given: at };
  if (typeof element !== 'object' || element === null) return { wrong: excerpt(element) };
  const { text, reason, instruction } = /** @type {Record<string, unknown>} */ (element);
  if (typeof text !== 'string') return { wrong: excerpt(element) };
  if (reason !== undefined && typeof reason !== 'string') return { wrongReason: excerpt(reason), text };
  return { text, reason, isChanged: instruction !== undefined && !instructions.has(instruction) };
}

async function load() {
  /** @type {unknown} */
  const imported = await import(url);
  const module = /** @type {Record<string, unknown>} */ (imported);
  const found = module['default'] ?? module['transform'];
  // A CommonJS module that a bundler made has its default export inside.
  const inner = /** @type {Record<string, unknown>} */ (typeof found === 'object' ? found : {});
  const transform = typeof found === 'function' ? found : (inner['default'] ?? inner['transform']);
  return typeof transform === 'function'
    ? /** @type {(section: Section) => unknown} */ (transform)
    : undefined;
}

/** @param {(section: Section) => unknown} transform @param {Section} input */
async function answer(transform, input) {
  freeze(input);
  const result = await transform(input);
  if (result === undefined) return { kind: 'unchanged' };
  if (!Array.isArray(result)) return { kind: 'wrong', found: excerpt(result) };
  const given = new Map(input.instructions.map((one, at) => [/** @type {unknown} */ (one), at]));
  const instructions = new Set(input.instructions.map(({ instruction }) => instruction));
  const elements = result.map((element) => describeElement(element, given, instructions));
  return { kind: 'instructions', elements };
}

const loading = load();
// Who asks is told; until then nobody is.
loading.catch(() => undefined);

parentPort?.on('message', (/** @type {Section} */ input) => {
  loading
    .then((transform) => (transform === undefined ? { kind: 'no-function' } : answer(transform, input)))
    .catch((/** @type {unknown} */ error) => ({ kind: 'threw', ...describeError(error) }))
    .then(
      (said) => parentPort?.postMessage(said),
      () => process.exit(1),
    );
});
