import { list, printTermFile, string, tuple, type Term } from '../erlang';
import { instructionToTerm, type LowLevelInstruction } from '../appup/instruction';
import { isForProtocols, protocolComments } from './protocol-instructions';
import { isForProviders, providerComments } from './provider-instructions';

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

/** The file `relup`, with a word on what the expressions of the release do where it has some. */
export function relupText(relup: Relup): string {
  const calls = [...relup.up, ...relup.down].flatMap(({ instructions }) =>
    instructions.flatMap((instruction) => (instruction.kind === 'apply' ? [instruction.call] : [])),
  );
  const comments = [
    ...(calls.some(isForProviders) ? providerComments : []),
    ...(calls.some(isForProtocols) ? protocolComments : []),
  ];
  return printTermFile([relupToTerm(relup)], { comments });
}
