import { expect, it } from 'vitest';
import { askOtp } from '../../test/relup-oracle/ask-otp';
import { Dependencies, differenceOf } from '../../test/relup-oracle/compare-scripts';
import { generateTranslateCase, type TranslateCase } from '../../test/relup-oracle/generate-scripts';
import { generated, Random } from '../../test/random';
import { instructionToTerm } from '../appup/instruction';
import { atom, isAtom, list, listElements, printTerm, string, tuple, type Term } from '../erlang';
import type { ApplicationInRelease } from '../release/model';
import type { RelupProblem } from './problem';
import { translateScripts } from './translate-scripts';

it('translates generated scripts as systools_rc does, and refuses those it refuses', async () => {
  const { seed, count } = generated('TRANSLATE', 10_000);
  const cases = Array.from({ length: count }, (_, index) => generateTranslateCase(new Random(seed + index)));
  const answers = await askOtp(() => cases.map(question));

  const differences: string[] = [];
  const seen = { translated: 0, refused: 0, inAnotherOrder: 0, refusedOnlyHere: 0 };
  const kinds = new Set<string>();
  cases.forEach((generatedCase, index) => {
    const [tag, content] = tupleElements(answers[index]);
    const { instructions, problems } = translate(generatedCase);
    const differs = (what: string): void => {
      const scripts = printTerm(list(generatedCase.scripts.map((script) => list(script))));
      differences.push(
        [
          `seed ${seed + index}, ${generatedCase.direction}: ${what}`,
          `scripts  ${scripts}`,
          `question ${printTerm(question(generatedCase))}`,
          `otp      ${content === undefined ? '' : printTerm(content)}`,
          `ours     ${problems.map(({ kind, problem }) => `${kind}: ${problem}`).join('\n') || printTerm(list(instructions))}`,
        ].join('\n'),
      );
    };
    if (tag !== undefined && isAtom(tag, 'error')) {
      seen.refused++;
      const kind = content?.kind === 'atom' ? content.name : 'unknown';
      kinds.add(kind);
      // What systools crashes on, an improper list, is named here.
      const names = kind === 'crash' ? ['bad_list', 'bad_instruction'] : [kind];
      const isNamed = problems.some((problem) => names.includes(problem.kind) || isRefusedOnlyHere(problem));
      if (!isNamed) differs('refused');
    } else if (problems.length > 0) {
      if (problems.every(isRefusedOnlyHere)) seen.refusedOnlyHere++;
      else differs('translated');
    } else {
      seen.translated++;
      const otp = (content && listElements(content)) ?? [];
      const dependencies = new Dependencies(generatedCase.scripts);
      const difference = differenceOf(instructions, otp, generatedCase.direction, dependencies);
      if (difference === 'none, but another order') seen.inAnotherOrder++;
      else if (difference !== 'none') differs(difference);
    }
  });

  expect(
    differences.slice(0, 5).join('\n\n'),
    `${differences.length} of ${count} differ, TRANSLATE_SEED=${seed}`,
  ).toBe('');
  expect(seen.translated).toBeGreaterThan(count / 2);
  expect(seen.inAnotherOrder).toBeLessThan(count / 4);
  expect(seen.refusedOnlyHere).toBeLessThan(count / 200);
  if (count >= 5000) expect([...kinds].sort()).toEqual(refusals);
});

/** For arguments in an improper list, and a version that is a list of no characters: systools lets both through to the node. */
function isRefusedOnlyHere({ kind, problem }: RelupProblem): boolean {
  return ['bad_args_list', 'bad_lib_vsn'].includes(kind) && problem.startsWith('[');
}

/** Every error of systools_rc. */
const refusals = [
  'bad_application',
  'bad_args_list',
  'bad_change',
  'bad_code_change',
  'bad_func',
  'bad_instruction',
  'bad_lib',
  'bad_lib_vsn',
  'bad_list',
  'bad_mod_type',
  'bad_mode',
  'bad_module',
  'bad_node',
  'bad_op_before_point_of_no_return',
  'bad_purge_method',
  'bad_start_type',
  'bad_timeout',
  'conflicting_versions',
  'crash',
  'muldef_module',
  'no_object_code',
  'no_such_application',
  'no_such_module',
  'not_yet_implemented',
  'removed_application_present',
  'resumed_not_suspended',
  'start_not_stop',
  'stop_not_start',
  'suspended_not_resumed',
  'too_many_point_of_no_return',
  'undef_module',
];

function question({ direction, scripts, entered, left }: TranslateCase): Term {
  return tuple(
    atom('translate'),
    atom(direction === 'up' ? 'up' : 'dn'),
    list(scripts.map((script) => list(script))),
    applications(entered),
    applications(left),
  );
}

function applications(applications: readonly ApplicationInRelease[]): Term {
  return list(
    applications.map(({ name, version, startType, resource }) =>
      tuple(atom(name), string(version), atom(startType), list(resource.modules.map(atom))),
    ),
  );
}

function translate({ scripts, ...context }: TranslateCase) {
  const { instructions, problems } = translateScripts({
    ...context,
    scripts: scripts.map((script) => ({ instructions: script.map((term) => ({ term })) })),
  });
  return { instructions: instructions.map((instruction) => instructionToTerm(instruction)), problems };
}

function tupleElements(term: Term | undefined): readonly Term[] {
  return term?.kind === 'tuple' ? term.elements : [];
}
