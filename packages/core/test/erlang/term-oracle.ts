import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { decodeExternalTerm, listElements, type Term } from '../../src/erlang';

/** What OTP answers to a command of `term-oracle.escript`. Rejects when Erlang is missing. */
export async function askTermOracle(command: string, question: Uint8Array | string = ''): Promise<Term> {
  const folder = await mkdtemp(join(tmpdir(), 'term-oracle-'));
  try {
    const input = join(folder, 'question');
    const output = join(folder, 'answer.etf');
    await writeFile(input, question);
    await promisify(execFile)('escript', [join(__dirname, 'term-oracle.escript'), command, input, output], {
      maxBuffer: 1 << 20,
    });
    return decodeExternalTerm(await readFile(output), output);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The elements of a list, or of a tuple. */
export function elementsOf(term: Term | undefined): readonly Term[] {
  const elements =
    term === undefined ? undefined : term.kind === 'tuple' ? term.elements : listElements(term);
  if (elements === undefined)
    throw new Error(`Expected a list or a tuple, found ${term?.kind ?? 'nothing'}.`);
  return elements;
}

export function bytesOf(term: Term | undefined): Buffer {
  if (term?.kind !== 'binary') throw new Error(`Expected a binary, found ${term?.kind ?? 'nothing'}.`);
  return Buffer.from(term.bytes);
}
