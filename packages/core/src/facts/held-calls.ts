import { type Clause, type Expression, type FunctionCode, visitExpressions } from './code/expression';

/**
 * The calls of other modules that are not the last thing that a function, or a fun in it, does: while such a call
 * lasts, the process has a frame of the function on its stack.
 */
export function heldCalls(called: FunctionCode): readonly Expression[] {
  const lasts = new Set<Expression>();
  const calls: Expression[] = [];
  const bodies = (clauses: readonly Clause[]): void => {
    for (const { body } of clauses) last(body);
  };
  /** Notes the calls that are the last thing which this expression does. */
  const last = (expression: Expression): void => {
    switch (expression.kind) {
      case 'remote-call':
        lasts.add(expression);
        return;
      case 'block': {
        const end = expression.body.at(-1);
        if (end !== undefined) last(end);
        return;
      }
      case 'case':
        bodies(expression.clauses);
        return;
      case 'try': {
        // What has to be done after it holds all of it; the body is held by the handlers.
        const { after } = expression;
        if (after.kind !== 'block' || after.body.length > 0) return;
        bodies(expression.clauses);
        bodies(expression.handlers);
        return;
      }
      case 'opaque':
        // The last operand of `andalso`; the body of `with`, before the clauses of its `else`.
        if (expression.what === 'a condition') expression.parts.slice(-1).forEach(last);
        if (expression.what === 'with') expression.parts.slice(-2).forEach(last);
        return;
      default:
        return;
    }
  };
  bodies(called.clauses);
  for (const { body } of called.clauses) {
    visitExpressions(body, (expression) => {
      if (expression.kind === 'fun') bodies(expression.clauses);
      if (expression.kind === 'remote-call') calls.push(expression);
    });
  }
  return calls.filter((call) => !lasts.has(call));
}
