import { statSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import {
  parseInstruction,
  type AppupTransform,
  type PlannedInstruction,
  type TransformInput,
} from '../appup';
import { OtpError, type Position } from '../error';
import { parseTermText } from './parse-policy';
import { syntaxErrorPlace } from './syntax-error-place';
import { instructionText, sectionForTransform } from './transform-facts';

export interface TransformLimits {
  /** How long a transform may take to load, and for each section; a minute unless given. */
  readonly milliseconds?: number;
}

const scripts = ['.mjs', '.js', '.cjs'];
const typeScripts = ['.mts', '.ts', '.cts'];

/**
 * The transforms of a project: JavaScript modules whose default export, or export `transform`, is a function that is
 * called with a `SectionForTransform` and gives back instructions, now or by a promise; `undefined` leaves the section as
 * it is. An instruction is Erlang text, `{ text, reason }`, or one of the objects it was given.
 *
 * They run in a worker of their own: one that never ends is stopped, and none can change the plan but by its answer.
 *
 * @throws OtpError (`transform`) when there is no such file, or this Node does not run it
 */
export function loadTransforms(paths: readonly string[], limits: TransformLimits = {}): AppupTransform[] {
  return paths.map((file) => {
    checkFile(file);
    return { file, apply: (inputs) => runTransform(file, inputs, limits.milliseconds ?? 60_000) };
  });
}

function checkFile(file: string): void {
  const refuse = (problem: string, fix: string): OtpError =>
    new OtpError(problem, { code: 'transform', file, fix });
  if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) {
    throw refuse(
      'there is no such transform.',
      'Correct its path; it is relative to the file that names it.',
    );
  }
  const extension = extname(file);
  if (typeScripts.includes(extension)) {
    // Node 22.10 and newer say whether they do.
    if ('typescript' in process.features && process.features.typescript) return;
    throw refuse(
      `Node ${process.versions.node} does not run TypeScript.`,
      'Run Nx with Node 22.18 or newer, which does, or compile the transform to a .mjs and name that.',
    );
  }
  if (!scripts.includes(extension)) {
    throw refuse('a transform is a JavaScript module.', `Its name ends in ${scripts.join(', ')}.`);
  }
}

type Answer =
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'instructions'; readonly elements: readonly Element[] }
  | { readonly kind: 'wrong'; readonly found: string }
  | { readonly kind: 'no-function' }
  | {
      readonly kind: 'threw';
      readonly message: string;
      readonly position: Position | undefined;
      readonly isSyntax: boolean;
    }
  | { readonly kind: 'ended'; readonly error: unknown }
  | { readonly kind: 'late'; readonly milliseconds: number };

type Element =
  | { readonly given: number }
  | { readonly text: string; readonly reason?: string; readonly isChanged?: boolean }
  | { readonly wrong: string }
  | { readonly text: string; readonly wrongReason: string };

async function runTransform(
  file: string,
  inputs: readonly TransformInput[],
  milliseconds: number,
): Promise<(readonly PlannedInstruction[])[]> {
  if (inputs.length === 0) return [];
  const worker = new Worker(join(__dirname, '..', '..', 'priv', 'run-transform.mjs'), {
    workerData: { file: resolve(file) },
  });
  const results: (readonly PlannedInstruction[])[] = [];
  // One that fails between two sections fails the next one.
  let failure: unknown;
  worker.on('error', (error) => (failure = error));
  try {
    for (const input of inputs) {
      const answer = await askWorker(worker, input, milliseconds, () => failure);
      if (answer.kind === 'threw' && answer.isSyntax && answer.position === undefined) {
        const place = await syntaxErrorPlace(resolve(file));
        if (place !== undefined) {
          const where = place.file === resolve(file) ? file : place.file;
          throw mistake(
            where,
            `this is no JavaScript: ${answer.message}.`,
            'Mend the transform.',
            place.position,
          );
        }
      }
      results.push(instructionsOf(answer, file, input));
    }
  } finally {
    await worker.terminate();
  }
  return results;
}

async function askWorker(
  worker: Worker,
  input: TransformInput,
  milliseconds: number,
  failure: () => unknown,
): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<Answer>((accept) => {
      worker.once('message', (answer: Answer) => accept(answer));
      // An error comes before the exit that it leads to.
      const ended = (): void => accept({ kind: 'ended', error: failure() });
      worker.once('exit', ended);
      timer = setTimeout(() => accept({ kind: 'late', milliseconds }), milliseconds);
      if (worker.threadId === -1) ended();
      worker.postMessage(sectionForTransform(input));
    });
  } finally {
    clearTimeout(timer);
  }
}

function instructionsOf(answer: Answer, file: string, input: TransformInput): readonly PlannedInstruction[] {
  const section = sectionName(input);
  switch (answer.kind) {
    case 'unchanged':
      return input.instructions;
    case 'instructions': {
      const byText = new Map(
        [...input.instructions].reverse().map((one) => [instructionText(one.instruction), one]),
      );
      return answer.elements.map((element, at) =>
        instructionOf(element, { file, input, byText }, `instruction ${at + 1} of ${section}`),
      );
    }
    case 'wrong':
      throw mistake(
        file,
        `it gave back ${answer.found} for ${section}.`,
        'Give back a list of instructions, or undefined to leave the section as it is.',
      );
    case 'no-function':
      throw mistake(
        file,
        'it exports no function.',
        'Write export default function (section) { return section.instructions; }.',
      );
    case 'threw':
      throw mistake(
        file,
        `it failed: ${answer.message} (${section}).`,
        'Mend the transform.',
        answer.position,
      );
    case 'ended': {
      const why = answer.error instanceof Error ? answer.error.message : 'it called process.exit';
      throw mistake(file, `it ended without an answer (${section}): ${why}.`, 'Mend the transform.');
    }
    case 'late':
      throw mistake(
        file,
        `it has not answered within ${answer.milliseconds / 1000} s (${section}).`,
        'Look for a loop or a promise without an end.',
      );
  }
}

interface Given {
  readonly file: string;
  readonly input: TransformInput;
  /** The first of each text. */
  readonly byText: ReadonlyMap<string, PlannedInstruction>;
}

function instructionOf(element: Element, { file, input, byText }: Given, place: string): PlannedInstruction {
  const forms = 'An instruction is Erlang text, { text, reason }, or one of the objects it was given.';
  if ('wrong' in element) throw mistake(file, `${place} is ${element.wrong}.`, forms);
  if ('wrongReason' in element) {
    throw mistake(file, `the reason of ${place} is ${element.wrongReason}.`, 'A reason is a text.');
  }
  if ('given' in element) {
    const given = input.instructions[element.given];
    if (given === undefined) throw new Error('a transform gave back an instruction that it was not given');
    return given;
  }
  const { text, reason, isChanged = false } = element;
  if (isChanged) {
    throw mistake(
      file,
      `${place} has another structured form than it was given with.`,
      'Only the text counts: change that, and leave instruction out.',
    );
  }
  const same = byText.get(text);
  if (same !== undefined) return { ...same, reason: oneLine(reason ?? same.reason) };
  try {
    return {
      instruction: parseInstruction(parseTermText(text)),
      reason: oneLine(reason ?? `from ${file}`),
    };
  } catch (error) {
    if (!(error instanceof OtpError)) throw error;
    throw new OtpError(`${place}, ${JSON.stringify(text)}: ${error.problem}`, {
      code: 'transform',
      file,
      fix: error.fix ?? forms,
      cause: error,
    });
  }
}

/** Reasons stand in comments. */
function oneLine(reason: string): string {
  return reason.replace(/\s+/g, ' ').trim();
}

function sectionName({ application, direction, from, to }: TransformInput): string {
  return direction === 'up'
    ? `${application} up from ${from} to ${to}`
    : `${application} down from ${from} to ${to}`;
}

function mistake(file: string, problem: string, fix: string, position?: Position): OtpError {
  return new OtpError(problem, { code: 'transform', file, fix, ...(position !== undefined && { position }) });
}
