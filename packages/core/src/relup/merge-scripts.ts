import { isAtom, subterms, tupleOf, type Term } from '../erlang';
import type { Instruction } from '../appup/instruction';
import { problemAt, type RelupProblem } from './problem';
import type { BeforeInstruction, Placed, ScriptElement } from './script';

type After = Exclude<Instruction, { kind: 'load_object_code' | 'point_of_no_return' }>;

/** One script for all applications, split at the point of no return, behind which a failure restarts the node. */
export interface MergedScript {
  readonly before: readonly Placed<BeforeInstruction>[];
  readonly after: readonly Placed<After>[];
  /** The atoms in instructions that were left out for a mistake: what is missing because of them is no news. */
  readonly unread: ReadonlySet<string>;
  readonly problems: readonly RelupProblem[];
}

/**
 * `systools_rc:merge_scripts/1`: what stands before the point of no return in each script, then what stands behind
 * it. A script without one is all behind it, but `load_object_code` always moves before it, to the end.
 */
export function mergeScripts(scripts: readonly (readonly ScriptElement[])[]): MergedScript {
  const before: Placed<BeforeInstruction>[] = [];
  const after: Placed<After>[] = [];
  const unread = new Set<string>();
  const problems: RelupProblem[] = [];
  const skip = ({ origin }: ScriptElement): void => {
    for (const term of subterms(origin.term)) if (term.kind === 'atom') unread.add(term.name);
  };
  for (const script of scripts) {
    const at = script.findIndex(({ origin }) => isAtom(origin.term, 'point_of_no_return'));
    for (const element of script.slice(0, Math.max(at, 0))) {
      const { origin, instruction } = element;
      if (instruction?.kind === 'load_object_code' || instruction?.kind === 'apply') {
        before.push({ origin, instruction });
        continue;
      }
      skip(element);
      // systools looks no further than this here; what else is wrong with the instruction is another problem.
      if (!isAllowedBefore(origin.term)) {
        problems.push(
          problemAt(
            origin,
            'bad_op_before_point_of_no_return',
            'only load_object_code and apply may stand before point_of_no_return',
            'Move the instruction behind it.',
          ),
        );
      }
    }
    for (const element of script.slice(at + 1)) {
      const { origin, instruction } = element;
      if (instruction === undefined) skip(element);
      else if (instruction.kind === 'load_object_code') before.push({ origin, instruction });
      else if (instruction.kind === 'point_of_no_return') {
        problems.push(
          problemAt(
            origin,
            'too_many_point_of_no_return',
            'the script has more than one point_of_no_return',
            'Leave one of them.',
          ),
        );
      } else after.push({ origin, instruction });
    }
  }
  return { before, after, unread, problems };
}

function isAllowedBefore(term: Term): boolean {
  return tupleOf(term, 'load_object_code', 2) !== undefined || tupleOf(term, 'apply', 2) !== undefined;
}
