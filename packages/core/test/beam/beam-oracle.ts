import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { decodeExternalTerm, listElements, type Term } from '../../src/erlang';

/** Runs one command of `beam-oracle.escript` and gives the list that it answers. Rejects when Erlang is missing. */
export async function askBeamOracle(...command: readonly string[]): Promise<readonly Term[]> {
  const folder = await mkdtemp(join(tmpdir(), 'beam-oracle-'));
  try {
    const output = join(folder, 'answer.etf');
    await promisify(execFile)('escript', [join(__dirname, 'beam-oracle.escript'), ...command, output]);
    const answer = listElements(decodeExternalTerm(await readFile(output), output));
    if (answer === undefined) throw new Error(`The oracle's answer to ${command.join(' ')} is not a list.`);
    return answer;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The text of a binary term. */
export function binaryText(term: Term | undefined): string {
  if (term?.kind !== 'binary') throw new Error(`Expected a binary, found ${term?.kind ?? 'nothing'}.`);
  return Buffer.from(term.bytes).toString('utf8');
}

/** The elements of a tuple term. */
export function tupleElements(term: Term | undefined): readonly Term[] {
  if (term?.kind !== 'tuple') throw new Error(`Expected a tuple, found ${term?.kind ?? 'nothing'}.`);
  return term.elements;
}

/** One build from `beam-oracle.escript`. */
export interface BeamVariant {
  readonly beam: Uint8Array;
  /** `{ok, Vsn}` as `release_handler` finds it, or `none`. */
  readonly vsn: Term;
}

/** The builds of the modules `m` (Erlang) and `Point` (Elixir), by name. */
export async function compileVariants(): Promise<(name: string) => BeamVariant> {
  const variants = new Map<string, BeamVariant>();
  for (const [name, beam, vsn] of (await askBeamOracle('variants')).map(tupleElements)) {
    if (beam?.kind !== 'binary' || vsn === undefined) throw new Error('The oracle gave no beam.');
    variants.set(binaryText(name), { beam: beam.bytes, vsn });
  }
  return (name) => {
    const variant = variants.get(name);
    if (variant === undefined) throw new Error(`There is no variant ${name}.`);
    return variant;
  };
}
