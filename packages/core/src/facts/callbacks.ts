import { type BeamFile, type DebugInfo } from '../beam';
import { atom, atomName, listElements, type Term, tupleOf } from '../erlang';
import { textOf } from './child-specifications';
import { literal, type ModuleCode } from './code/expression';
import { evaluateFunction } from './evaluate/evaluator';
import { optionsOf, termOf, type Value, valueOfTerm } from './evaluate/value';
import { literalResult, literalResults } from './literal-result';
import { type TermText, type Unknown, unknown } from './model';

/**
 * The callbacks of a behaviour, optional ones too: from its `-callback` attributes (which the compiler makes
 * `behaviour_info/1` of), else from the `behaviour_info/1` that it has.
 */
export function callbacksOf(
  code: ModuleCode,
  debugInfo: DebugInfo,
  exports: ReadonlySet<string>,
): readonly string[] | null | Unknown {
  if (!exports.has('behaviour_info/1')) return null;
  const declared = declaredCallbacks(debugInfo);
  if (declared.length > 0) return sorted(declared);
  return code.functions.has('behaviour_info/1') ? askedCallbacks(code) : [];
}

/** As `callbacksOf`, of a beam without debug info: all that its `behaviour_info/1` may return are literals. */
export function remainingCallbacks(
  beam: BeamFile,
  exports: readonly string[],
  missing: Unknown,
): readonly string[] | null | Unknown {
  if (!exports.includes('behaviour_info/1')) return null;
  // The optional ones are among the others, so that it does not matter which list is which.
  const lists = literalResults(beam, 'behaviour_info', 1).map(functionNames);
  const known = lists.filter((names) => names !== undefined);
  return known.length === 0 ? missing : sorted(known.flat());
}

/** What `callback_mode/0` answers, if it is the same always. */
export function callbackModeOf(code: ModuleCode, exports: ReadonlySet<string>): TermText | null | Unknown {
  if (!exports.has('callback_mode/0')) return null;
  return textOf(evaluateFunction(code, 'callback_mode', 0));
}

/** As `callbackModeOf`, of a beam without debug info. */
export function remainingCallbackMode(
  beam: BeamFile,
  exports: readonly string[],
  missing: Unknown,
): TermText | null | Unknown {
  if (!exports.includes('callback_mode/0')) return null;
  const mode = literalResult(beam, 'callback_mode', 0);
  return mode === undefined ? missing : textOf(valueOfTerm(mode));
}

/** Elixir keeps `@callback` in the form that Erlang has for it. */
function declaredCallbacks(debugInfo: DebugInfo): string[] {
  const forms =
    debugInfo.kind === 'erlang-forms'
      ? debugInfo.forms
      : debugInfo.kind === 'elixir'
        ? debugInfo.specs
        : undefined;
  return ((forms && listElements(forms)) ?? []).flatMap((form) => {
    const [, , key, value] = tupleOf(form, 'attribute', 4)?.elements ?? [];
    if (key?.kind !== 'atom' || key.name !== 'callback' || value?.kind !== 'tuple') return [];
    const [signature] = value.elements;
    return signature?.kind === 'tuple' ? (functionName(signature.elements.slice(-2)) ?? []) : [];
  });
}

/** What `behaviour_info(callbacks)` answers. */
function askedCallbacks(code: ModuleCode): readonly string[] | Unknown {
  const question = '-behaviour_info(callbacks)';
  const body = {
    kind: 'local-call',
    name: 'behaviour_info',
    args: [literal(atom('callbacks'))],
  } as const;
  const asking: ModuleCode = {
    ...code,
    functions: new Map([
      ...code.functions,
      [
        `${question}/0`,
        { name: question, arity: 0, clauses: [{ patterns: [], guards: [], body }], fromMacro: false },
      ],
    ]),
  };
  const [answer, ...others] = optionsOf(evaluateFunction(asking, question, 0));
  const names = others.length === 0 ? namesIn(answer) : undefined;
  return names === undefined ? unknown('behaviour_info/1 computes its answer') : sorted(names);
}

function namesIn(value: Value | undefined): string[] | undefined {
  const term = value && termOf(value);
  return term && functionNames(term);
}

/** `name/arity` of each `{Name, Arity}` in a list; undefined for another term. */
function functionNames(term: Term): string[] | undefined {
  const names: string[] = [];
  for (const pair of listElements(term) ?? [term]) {
    const name = pair.kind === 'tuple' ? functionName(pair.elements) : undefined;
    if (name === undefined) return undefined;
    names.push(name);
  }
  return names;
}

function functionName([name, arity, ...others]: readonly Term[]): string | undefined {
  const text = name && atomName(name);
  return text !== undefined && arity?.kind === 'integer' && others.length === 0
    ? `${text}/${arity.value}`
    : undefined;
}

function sorted(names: readonly string[]): string[] {
  return [...new Set(names)].sort();
}
