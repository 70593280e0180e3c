import { reasonOf } from './child-specifications';
import type { ModuleCode } from './code/expression';
import { evaluateFunction, type EvaluationBudget, evaluationBudget } from './evaluate/evaluator';
import { atomOfValue, optionsOf, type Value } from './evaluate/value';
import { type Unknown, unknown } from './model';
import { isStarter } from './process-starts';

/**
 * The function whose answer `start/2` answers: as it is, or taken apart and put together again, as in
 * `{ok, Pid} = dummy_sup:start_link(), {ok, Pid}`. Answers that are errors do not count.
 */
export function startResultOf(code: ModuleCode, exports: ReadonlySet<string>): string | null | Unknown {
  return exports.has('start/2') ? answerOf(code, 'start', 2) : null;
}

/** What the exported functions called `start...` hand on to other modules, where that is one function. */
export function handedOn(code: ModuleCode, exports: ReadonlySet<string>): Record<string, string> {
  const handsOn: Record<string, string> = {};
  const budget = evaluationBudget();
  for (const name of [...exports].filter((each) => each.startsWith('start')).sort()) {
    const [called = '', arity = ''] = name.split('/');
    const answer = answerOf(code, called, Number(arity), budget);
    if (typeof answer === 'string' && !isStarter(answer)) handsOn[name] = answer;
  }
  return handsOn;
}

function answerOf(
  code: ModuleCode,
  name: string,
  arity: number,
  budget: EvaluationBudget = evaluationBudget(),
): string | Unknown {
  const results = optionsOf(evaluateFunction(code, name, arity, { budget })).filter(
    (result) => result.kind !== 'never' && !isError(result),
  );
  const called = new Set(results.map(calledFor));
  const [only] = called;
  if (called.size > 1) return unknown('it depends on a condition');
  return (
    only ?? unknown(results[0] === undefined ? `${name}/${arity} does not return` : reasonOf(results[0]))
  );
}

function isError(result: Value): boolean {
  return result.kind === 'tuple' && atomOfValue(result.elements[0]) === 'error';
}

/** The function of which this is the answer, or of `{ok, Pid}` and `{ok, Pid, State}` the pid. */
function calledFor(result: Value): string | undefined {
  const [ok, pid] = result.kind === 'tuple' ? result.elements : [];
  const answer = atomOfValue(ok) === 'ok' ? pid : result;
  return answer?.kind === 'unknown' ? answer.resultOf : undefined;
}
