import { instructionToTerm, type Instruction, type TransformInput } from '../appup';
import type { FileDiff, ModuleDiff, ModuleFacts } from '../diff';
import { printTerm } from '../erlang';

/** What a transform is called with. Plain data, frozen. */
export interface SectionForTransform {
  readonly application: string;
  /** Up to the new version of the application, or down from it. */
  readonly direction: 'up' | 'down';
  /** The versions of the application in the direction of travel. */
  readonly from: string;
  readonly to: string;
  readonly instructions: readonly InstructionForTransform[];
  /** The modules that differ, sorted by name. */
  readonly modules: readonly ModuleForTransform[];
  /** Other files of the application that differ, sorted by path. */
  readonly files: readonly FileDiff[];
}

export interface InstructionForTransform {
  /** As it would stand in the appup: `{load_module, m}`. */
  readonly text: string;
  readonly reason: string;
  /** The same to look at; only the text counts in what a transform gives back. */
  readonly instruction: Instruction;
}

/**
 * One module, always from the previous release to the next one, whichever way the section goes. `equivalent` ones differ
 * in what does not count, such as line numbers, and have no instruction.
 */
export interface ModuleForTransform {
  readonly name: string;
  readonly kind: ModuleDiff['kind'];
  /** Absent where the previous release does not have it, and of equivalent ones; `next` likewise. */
  readonly previous?: ModuleFactsForTransform;
  readonly next?: ModuleFactsForTransform;
}

export interface ModuleFactsForTransform {
  readonly behaviours: readonly string[];
  /** `function/arity`, sorted. */
  readonly exports: readonly string[];
  /** The functions of other modules it calls, `module:function/arity`, sorted. */
  readonly calls: readonly string[];
  readonly hasOnLoad: boolean;
}

export function sectionForTransform(input: TransformInput): SectionForTransform {
  const { application, direction, from, to, instructions, difference } = input;
  return {
    application,
    direction,
    from,
    to,
    instructions: instructions.map(({ instruction, reason }) => ({
      text: instructionText(instruction),
      reason,
      instruction,
    })),
    modules: difference.modules.map(moduleForTransform),
    files: difference.files,
  };
}

export function instructionText(instruction: Instruction): string {
  return printTerm(instructionToTerm(instruction, { shortest: true }));
}

function moduleForTransform(module: ModuleDiff): ModuleForTransform {
  return {
    name: module.name,
    kind: module.kind,
    ...('previous' in module && { previous: factsForTransform(module.previous) }),
    ...('next' in module && { next: factsForTransform(module.next) }),
  };
}

function factsForTransform({ behaviours, exports, calls, hasOnLoad }: ModuleFacts): ModuleFactsForTransform {
  return {
    behaviours,
    exports: [...exports].sort(),
    calls: [...calls]
      .flatMap(([module, functions]) => [...functions].map((name) => `${module}:${name}`))
      .sort(),
    hasOnLoad,
  };
}
