import { printTerm, string } from '../erlang';
import { problemAt, type RelupProblem } from './problem';
import type { BeforeInstruction, Placed } from './script';

/**
 * What is done before the point of no return, with one `load_object_code` for each application, at the place of its
 * first, and the calls behind all of them (`systools_rc:merge_load_object_code/1`).
 *
 * Of a module that is named twice the last place counts, as the union in systools has it. Two versions of one
 * application are the problem `conflicting_versions`.
 */
export function mergeObjectCode(before: readonly Placed<BeforeInstruction>[]): {
  readonly before: readonly BeforeInstruction[];
  readonly problems: readonly RelupProblem[];
} {
  const problems: RelupProblem[] = [];
  const libraries = new Map<string, { readonly version: string; readonly modules: (readonly string[])[] }>();
  const calls: BeforeInstruction[] = [];
  for (const { instruction, origin } of before) {
    if (instruction.kind !== 'load_object_code') {
      calls.push(instruction);
      continue;
    }
    const { application, version } = instruction;
    const library = libraries.get(application);
    const first = library?.version ?? version;
    if (library === undefined) libraries.set(application, { version, modules: [instruction.modules] });
    else if (first === version) library.modules.push(instruction.modules);
    else {
      problems.push(
        problemAt(
          origin,
          'conflicting_versions',
          `the object code of ${application} is wanted in version ${print(version)}, and in ${print(first)} elsewhere.`,
          'Name the version that the release has.',
        ),
      );
    }
  }
  const objectCode = [...libraries].map(([application, { version, modules }]): BeforeInstruction => ({
    kind: 'load_object_code',
    application,
    version,
    modules: union(modules),
  }));
  return { before: [...objectCode, ...calls], problems };
}

/** Each list without what a later one has; a list may name a module twice. */
function union(lists: readonly (readonly string[])[]): string[] {
  const later = new Set<string>();
  return [...lists]
    .reverse()
    .map((names) => {
      const kept = names.filter((name) => !later.has(name));
      for (const name of names) later.add(name);
      return kept;
    })
    .reverse()
    .flat();
}

function print(version: string): string {
  return printTerm(string(version));
}
