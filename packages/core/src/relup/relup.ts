import { list, printTermFile, string, tuple, type Term } from '../erlang';
import { instructionToTerm, type LowLevelInstruction } from '../appup/instruction';
import { isForProtocols, protocolComments } from './protocol-instructions';

/** A release upgrade file: how `release_handler` comes to `version` of the release, and how it leaves it. */
export interface Relup {
  readonly version: string;
  /** One entry per base, in the reverse of the order the bases were given in, as systools writes them. */
  readonly up: readonly RelupEntry[];
  readonly down: readonly RelupEntry[];
}

export interface RelupEntry {
  /** Of the base. */
  readonly version: string;
  /** Shown by `release_handler`; `[]` where none was given. */
  readonly description: Term;
  readonly instructions: readonly LowLevelInstruction[];
}

/** `{Vsn, [{UpFromVsn, Descr, [Instruction]}], [{DownToVsn, Descr, [Instruction]}]}`, the term of the file `relup`. */
export function relupToTerm(relup: Relup): Term {
  const entries = (entries: readonly RelupEntry[]): Term =>
    list(
      entries.map(({ version, description, instructions }) =>
        tuple(
          string(version),
          description,
          list(instructions.map((instruction) => instructionToTerm(instruction))),
        ),
      ),
    );
  return tuple(string(relup.version), entries(relup.up), entries(relup.down));
}

/** The file `relup`, with a word on what the expressions for protocols do where it has some. */
export function relupText(relup: Relup): string {
  const hasProtocols = [...relup.up, ...relup.down].some(({ instructions }) =>
    instructions.some((instruction) => instruction.kind === 'apply' && isForProtocols(instruction.call)),
  );
  return printTermFile([relupToTerm(relup)], hasProtocols ? { comments: protocolComments } : {});
}
