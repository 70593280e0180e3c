import type { Term } from '../../erlang';

/**
 * What an expression of Erlang or of expanded Elixir means, as far as facts need it. Both languages are read into
 * this one shape; patterns are expressions too, as in both languages' own forms. Records are tuples here already, and
 * operators are calls to `erlang`.
 */
export type Expression =
  | { readonly kind: 'literal'; readonly term: Term }
  /** `_` is the variable that is never bound. In Elixir the name holds the number that tells rebindings apart. */
  | { readonly kind: 'variable'; readonly name: string }
  /** Elixir's `^name`: the value that the variable has. */
  | { readonly kind: 'pinned'; readonly name: string }
  | { readonly kind: 'tuple'; readonly elements: readonly Expression[] }
  | { readonly kind: 'list'; readonly elements: readonly Expression[]; readonly tail: Expression | undefined }
  /** With a `base` the entries replace those of another map. Of an Elixir struct `__struct__` is one of the entries. */
  | {
      readonly kind: 'map';
      readonly base: Expression | undefined;
      readonly entries: readonly (readonly [Expression, Expression])[];
    }
  /** `Record#name{...}`: `size` counts the name; the fields that are replaced, by their index in the tuple from 0. */
  | {
      readonly kind: 'record-update';
      readonly base: Expression;
      readonly name: string;
      readonly size: number;
      readonly fields: ReadonlyMap<number, Expression>;
    }
  | { readonly kind: 'local-call'; readonly name: string; readonly args: readonly Expression[] }
  | {
      readonly kind: 'remote-call';
      readonly module: Expression;
      readonly name: Expression;
      readonly args: readonly Expression[];
    }
  | { readonly kind: 'fun-call'; readonly fun: Expression; readonly args: readonly Expression[] }
  | { readonly kind: 'match'; readonly pattern: Expression; readonly value: Expression }
  | { readonly kind: 'block'; readonly body: readonly Expression[] }
  /** Without a subject the clauses have guards only: `if` of Erlang, `cond` of Elixir. */
  | {
      readonly kind: 'case';
      readonly subject: Expression | undefined;
      readonly clauses: readonly Clause[];
    }
  | {
      readonly kind: 'try';
      readonly body: Expression;
      /** The `of` (Elixir: `else`) clauses; with none, the body's value is the value. */
      readonly clauses: readonly Clause[];
      readonly handlers: readonly Clause[];
      readonly after: Expression;
    }
  | { readonly kind: 'fun'; readonly clauses: readonly Clause[] }
  | {
      readonly kind: 'fun-reference';
      /** Absent for a function of the same module. */
      readonly module: Expression | undefined;
      readonly name: Expression;
      readonly arity: number | undefined;
    }
  | {
      readonly kind: 'comprehension';
      readonly result: Expression;
      readonly qualifiers: readonly Qualifier[];
    }
  /**
   * Whatever else there is, called `what` for the reader: only its parts are known to be evaluated. `receive` has its
   * timeout as its part, and none when it waits without one.
   */
  | { readonly kind: 'opaque'; readonly what: string; readonly parts: readonly Expression[] };

export interface Clause {
  readonly patterns: readonly Expression[];
  /** Alternatives of tests that all have to hold; none for a clause without a guard. */
  readonly guards: readonly (readonly Expression[])[];
  readonly body: Expression;
}

export type Qualifier =
  | { readonly kind: 'generator'; readonly pattern: Expression; readonly list: Expression }
  | { readonly kind: 'filter'; readonly condition: Expression };

export interface FunctionCode {
  readonly name: string;
  readonly arity: number;
  readonly clauses: readonly Clause[];
  /** Whether a macro of another module put it there, such as the defaults of `use GenServer`. */
  readonly fromMacro: boolean;
}

/** The functions of a module as its debug info has them. */
export interface ModuleCode {
  readonly module: string;
  /** By `name/arity`, private ones too. */
  readonly functions: ReadonlyMap<string, FunctionCode>;
  /** Records by their names, and structs by their modules, that the functions make or match. */
  readonly usedRecords: ReadonlySet<string>;
  /** Whether something was nested too deeply to be read, so that calls may have been missed. */
  readonly isTruncated: boolean;
}

export const wildcard: Expression = { kind: 'variable', name: '_' };

/** Deeper than people nest expressions, and far from the end of the JavaScript stack. */
export const maxExpressionDepth = 200;

/** Defaults of records that are made of records double with each of them: thirty short lines, and memory is full. */
export const maxDefaults = 100_000;

export function opaque(what: string, parts: readonly Expression[] = []): Expression {
  return { kind: 'opaque', what, parts };
}

export function literal(term: Term): Expression {
  return { kind: 'literal', term };
}

export function block(body: readonly Expression[]): Expression {
  const [only, ...others] = body;
  return only !== undefined && others.length === 0 ? only : { kind: 'block', body };
}

/** Visits the expression and everything that is evaluated as a part of it, patterns and the bodies of funs included. */
export function visitExpressions(expression: Expression, visit: (part: Expression) => void): void {
  visitParts(expression, visit, true);
}

/** As `visitExpressions`, without the bodies of funs. */
export function visitOutsideFuns(expression: Expression, visit: (part: Expression) => void): void {
  visitParts(expression, visit, false);
}

function visitParts(expression: Expression, visit: (part: Expression) => void, withFuns: boolean): void {
  visit(expression);
  const each = (parts: Iterable<Expression>): void => {
    for (const part of parts) visitParts(part, visit, withFuns);
  };
  const one = (part: Expression | undefined): void => {
    if (part !== undefined) visitParts(part, visit, withFuns);
  };
  const clauses = (listed: readonly Clause[]): void => {
    for (const clause of listed) visitClause(clause, visit, withFuns);
  };
  switch (expression.kind) {
    case 'literal':
    case 'variable':
    case 'pinned':
      return;
    case 'tuple':
      each(expression.elements);
      return;
    case 'list':
      each(expression.elements);
      one(expression.tail);
      return;
    case 'map':
      one(expression.base);
      for (const entry of expression.entries) each(entry);
      return;
    case 'record-update':
      one(expression.base);
      each(expression.fields.values());
      return;
    case 'local-call':
      each(expression.args);
      return;
    case 'remote-call':
      one(expression.module);
      one(expression.name);
      each(expression.args);
      return;
    case 'fun-call':
      one(expression.fun);
      each(expression.args);
      return;
    case 'match':
      one(expression.pattern);
      one(expression.value);
      return;
    case 'block':
      each(expression.body);
      return;
    case 'case':
      one(expression.subject);
      clauses(expression.clauses);
      return;
    case 'try':
      one(expression.body);
      clauses(expression.clauses);
      clauses(expression.handlers);
      one(expression.after);
      return;
    case 'fun':
      if (withFuns) clauses(expression.clauses);
      return;
    case 'fun-reference':
      one(expression.module);
      one(expression.name);
      return;
    case 'comprehension':
      for (const qualifier of expression.qualifiers) {
        each(qualifier.kind === 'filter' ? [qualifier.condition] : [qualifier.list, qualifier.pattern]);
      }
      one(expression.result);
      return;
    case 'opaque':
      each(expression.parts);
  }
}

/** As `visitExpressions`, of each clause of a function. */
export function visitFunction(code: FunctionCode, visit: (part: Expression) => void): void {
  for (const clause of code.clauses) visitClause(clause, visit, true);
}

function visitClause(
  { patterns, guards, body }: Clause,
  visit: (part: Expression) => void,
  withFuns: boolean,
): void {
  for (const part of patterns) visitParts(part, visit, withFuns);
  for (const part of guards.flat()) visitParts(part, visit, withFuns);
  visitParts(body, visit, withFuns);
}
