import { codePoints } from '../erlang';
import { readVersionPattern, refused, type PatternNode } from './version-pattern-reader';

/** One step of a compiled pattern. `to` and the like are indexes of steps. */
type Step =
  | Extract<PatternNode, { kind: 'character' | 'assert' }>
  | { readonly kind: 'look'; readonly ahead: readonly Step[]; readonly wanted: boolean }
  | { readonly kind: 'fork'; readonly first: number; readonly second: number }
  | { readonly kind: 'jump'; readonly to: number };

/** A pattern of an appup's version, ready to be matched. */
export interface VersionPattern {
  /** Whether the leftmost match of the pattern is the whole of `version`. */
  matchesWhole(version: string): boolean;
}

/** Nested repetitions multiply; beyond this many steps the pattern is refused. */
const maxSteps = 20_000;

/**
 * Compiles the regular expression of an appup's version. `systools_relup:appup_search_for_version/2` runs it with
 * `re:run/3` (PCRE, `unicode`), takes the first match and accepts a version that it equals: `<<"1|1\\.2">>` does
 * not stand for `"1.2"`, because the leftmost alternative matches `1` alone.
 *
 * Read here: characters and their escapes, `.`, classes, `\d \w \s` and their opposites, groups, alternatives,
 * greedy and lazy repetition, `^`, `$`, `\b`, `\B` and lookahead. What else PCRE reads (inline flags, back
 * references, possessive and atomic groups, POSIX classes, named groups, lookbehind, ...) is refused rather than
 * guessed at, and so is the repetition of a group that can match nothing, on which engines disagree.
 *
 * No character outside of ASCII is a word character here; PCRE itself is of two minds about some of them.
 *
 * Matching takes time proportional to the length of pattern times version, whatever the pattern.
 *
 * @throws OtpError `bad-version-pattern` that says which part is not read.
 */
export function compileVersionPattern(source: string): VersionPattern {
  const steps = compile(readVersionPattern(source));
  return {
    matchesWhole: (version) => {
      const points = codePoints(version);
      for (let start = 0; start <= points.length; start++) {
        const end = matchEnd(steps, points, start);
        if (end !== undefined) return start === 0 && end === points.length;
      }
      return false;
    },
  };
}

/** The end of the match that a backtracking engine finds first from `start`. */
function matchEnd(steps: readonly Step[], points: readonly number[], start: number): number | undefined {
  // A state that failed once fails again, as there are no back references: each is tried once.
  const width = points.length + 1;
  const tried = new Uint8Array(steps.length * width);
  const states: [number, number][] = [[0, start]];
  for (let state = states.pop(); state !== undefined; state = states.pop()) {
    const [stepAt, at] = state;
    const step = steps[stepAt];
    if (step === undefined) return at;
    if (tried[stepAt * width + at] === 1) continue;
    tried[stepAt * width + at] = 1;
    switch (step.kind) {
      case 'character': {
        const point = points[at];
        if (point !== undefined && step.test(point)) states.push([stepAt + 1, at + 1]);
        break;
      }
      case 'assert':
        if (step.test(points, at)) states.push([stepAt + 1, at]);
        break;
      case 'look':
        if ((matchEnd(step.ahead, points, at) !== undefined) === step.wanted) states.push([stepAt + 1, at]);
        break;
      case 'fork':
        states.push([step.second, at], [step.first, at]);
        break;
      case 'jump':
        states.push([step.to, at]);
        break;
    }
  }
  return undefined;
}

function compile(node: PatternNode): Step[] {
  const steps: Step[] = [];
  const emit = (step: Step): void => {
    if (steps.push(step) > maxSteps)
      throw refused('its repetitions multiply to more than is sensible for a version');
  };
  const fork = (lazy: boolean, into: number, past: number): Step =>
    lazy ? { kind: 'fork', first: past, second: into } : { kind: 'fork', first: into, second: past };
  const add = (node: PatternNode): void => {
    switch (node.kind) {
      case 'character':
      case 'assert':
        emit(node);
        break;
      case 'look':
        emit({ kind: 'look', ahead: compile(node.ahead), wanted: node.wanted });
        break;
      case 'sequence':
        node.nodes.forEach(add);
        break;
      case 'alternatives': {
        const ends: number[] = [];
        node.nodes.forEach((alternative, index) => {
          if (index === node.nodes.length - 1) {
            add(alternative);
            return;
          }
          const forkAt = steps.length;
          emit({ kind: 'jump', to: 0 });
          add(alternative);
          ends.push(steps.length);
          emit({ kind: 'jump', to: 0 });
          steps[forkAt] = fork(false, forkAt + 1, steps.length);
        });
        for (const end of ends) steps[end] = { kind: 'jump', to: steps.length };
        break;
      }
      case 'repeat': {
        for (let count = 0; count < node.min; count++) add(node.node);
        if (node.max === Infinity) {
          const forkAt = steps.length;
          emit({ kind: 'jump', to: 0 });
          add(node.node);
          emit({ kind: 'jump', to: forkAt });
          steps[forkAt] = fork(node.lazy, forkAt + 1, steps.length);
        } else {
          const forks: number[] = [];
          for (let count = node.min; count < node.max; count++) {
            forks.push(steps.length);
            emit({ kind: 'jump', to: 0 });
            add(node.node);
          }
          for (const forkAt of forks) steps[forkAt] = fork(node.lazy, forkAt + 1, steps.length);
        }
        break;
      }
    }
  };
  add(node);
  return steps;
}
