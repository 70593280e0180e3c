import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type BeamFile, openBeam } from '../../src/beam';
import { decodeExternalTerm, listElements, type Term } from '../../src/erlang';

/** How a beam lost its debug info. */
export type Stripped = 'beam_lib' | 'relx' | 'mix';

export interface FactsOracle {
  /** The modules of `sources`, compiled, by name. */
  readonly modules: readonly string[];
  /** A module as it was compiled, or after it was stripped. */
  beam(module: string, stripped?: Stripped): Uint8Array;
  open(module: string, stripped?: Stripped): BeamFile;
  /** What `init/1` of a supervisor really answers: a line for each child. */
  children(module: string): readonly string[];
  /** What `behaviour_info(callbacks)` of a module really answers, sorted; empty when it has none. */
  callbacks(module: string): readonly string[];
  /** What `callback_mode()` of a module really answers; undefined when it has none. */
  callbackMode(module: string): string | undefined;
  /** The records of many of OTP's modules: file to record to fields. */
  readonly records: ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;
}

/** Compiles `sources` with Erlang and Elixir, in one VM. Rejects when either is missing. */
export async function askFactsOracle(): Promise<FactsOracle> {
  const folder = await mkdtemp(join(tmpdir(), 'facts-oracle-'));
  let answer: Term;
  try {
    const output = join(folder, 'answer.etf');
    const command = [join(__dirname, 'facts-oracle.escript'), join(__dirname, 'sources'), output];
    await promisify(execFile)('escript', command);
    answer = decodeExternalTerm(await readFile(output), output);
  } finally {
    await rm(folder, { recursive: true });
  }
  const [builds, children, records, callbacks] = parts(answer);
  const beams = new Map<string, Uint8Array>();
  const modules: string[] = [];
  for (const [name, beam, stripped] of parts(builds).map(parts)) {
    modules.push(atomText(name));
    beams.set(atomText(name), bytes(beam));
    for (const [way, strippedBeam] of parts(stripped).map(parts)) {
      beams.set(`${atomText(name)} ${atomText(way)}`, bytes(strippedBeam));
    }
  }
  const childLines = new Map(
    parts(children)
      .map(parts)
      .map(([name, lines]) => [atomText(name), parts(lines).map(text)]),
  );
  const answers = new Map(
    parts(callbacks)
      .map(parts)
      .map(([name, names, mode]) => [
        atomText(name),
        { callbacks: parts(names).map(text), mode: parts(mode).map(text)[0] },
      ]),
  );
  const beamOf = (module: string, stripped?: Stripped): Uint8Array => {
    const beam = beams.get(stripped === undefined ? module : `${module} ${stripped}`);
    if (beam === undefined) throw new Error(`There is no module ${module}.`);
    return beam;
  };
  return {
    modules: modules.sort(),
    beam: beamOf,
    open: (module, stripped) => openBeam(beamOf(module, stripped), `${module}.beam`),
    children: (module) => childLines.get(module) ?? [],
    callbacks: (module) => answers.get(module)?.callbacks ?? [],
    callbackMode: (module) => answers.get(module)?.mode,
    records: new Map(
      parts(records)
        .map(parts)
        .map(([file, defined]) => [
          text(file),
          new Map(
            parts(defined)
              .map(parts)
              .map(([name, fields]) => [atomText(name), parts(fields).map(atomText)]),
          ),
        ]),
    ),
  };
}

/** The elements of a list or tuple. */
function parts(term: Term | undefined): readonly Term[] {
  const elements =
    term === undefined ? undefined : term.kind === 'tuple' ? term.elements : listElements(term);
  if (elements === undefined)
    throw new Error(`Expected a list or a tuple, found ${term?.kind ?? 'nothing'}.`);
  return elements;
}

function atomText(term: Term | undefined): string {
  if (term?.kind !== 'atom') throw new Error(`Expected an atom, found ${term?.kind ?? 'nothing'}.`);
  return term.name;
}

function bytes(term: Term | undefined): Uint8Array {
  if (term?.kind !== 'binary') throw new Error(`Expected a binary, found ${term?.kind ?? 'nothing'}.`);
  return term.bytes;
}

function text(term: Term | undefined): string {
  return Buffer.from(bytes(term)).toString('utf8');
}
