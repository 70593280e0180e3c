import { listElements, type Term } from '../erlang';
import { OtpError, type Position } from '../error';
import { parseInstruction, type Instruction, type LowLevelInstruction } from '../appup/instruction';
import { problemAt, type Origin, type RelupProblem } from './problem';

/** Into a later release, or back from it. */
export type Direction = 'up' | 'down';

/** What is to happen to one application, as it is written: a section of an appup, or a script made for the release. */
export interface Script {
  readonly application?: string;
  /** The appup. */
  readonly file?: string;
  /** The version of the appup's section, printed. */
  readonly section?: string;
  readonly instructions: readonly { readonly term: Term; readonly position?: Position }[];
}

/** An instruction together with the place to name when something is wrong with it. */
export interface Placed<I extends Instruction = Instruction> {
  readonly instruction: I;
  readonly origin: Origin;
}

export type LoadObjectCode = Extract<LowLevelInstruction, { kind: 'load_object_code' }>;

/** What may stand before the point of no return. */
export type BeforeInstruction = Extract<LowLevelInstruction, { kind: 'load_object_code' | 'apply' }>;

/** What may stand behind the point of no return in a relup. */
export type AfterInstruction = Exclude<
  LowLevelInstruction,
  { kind: 'load_object_code' | 'point_of_no_return' }
>;

/** The instructions that are ordered by their dependencies. */
export type ModuleInstruction = Extract<Instruction, { kind: 'update' | 'load_module' | 'delete_module' }>;

/** What stands behind the point of no return once the instructions for whole applications are written out. */
export type ReleaseInstruction = ModuleInstruction | AfterInstruction;

export function isModuleInstruction(instruction: Instruction): instruction is ModuleInstruction {
  return ['update', 'load_module', 'delete_module'].includes(instruction.kind);
}

/** An element of a script: what is written, and the instruction unless it could not be read. */
export interface ScriptElement {
  readonly origin: Origin;
  readonly instruction?: Instruction;
}

/**
 * Reads the instructions of a script (`systools_rc:expand_script/1`, `check_op/1`). The elements of a list that
 * stands among the instructions take its place.
 */
export function readScript(
  script: Script,
  direction: Direction,
): { readonly elements: readonly ScriptElement[]; readonly problems: readonly RelupProblem[] } {
  const { instructions, ...source } = script;
  const elements: ScriptElement[] = [];
  const problems: RelupProblem[] = [];
  const read = (term: Term, short: boolean, position: Position | undefined): void => {
    const origin = { ...source, direction, term, position };
    try {
      elements.push({ origin, instruction: parseInstruction(term, { short }) });
    } catch (error) {
      if (!(error instanceof OtpError)) throw error;
      elements.push({ origin });
      problems.push(problemAt(origin, error.code, error.problem, error.fix ?? ''));
    }
  };
  for (const { term, position } of instructions) {
    const nested = listElements(term);
    if (nested === undefined) read(term, true, position);
    else for (const element of nested) read(element, false, position);
  }
  return { elements, problems };
}
