import type { BeamFile } from '../beam';
import type { ModuleCode } from './code/expression';
import { sideEffectsOf } from './calls';
import { evaluateFunction } from './evaluate/evaluator';
import { atomOfValue, optionsOf, type Value } from './evaluate/value';
import { onlyAnswersArguments } from './literal-result';
import type { CodeChange, Unknown } from './model';

/** Functions that OTP calls to convert a state, and which arguments are to come back unchanged after `ok`. */
const stateArguments: Readonly<Record<string, readonly (readonly number[])[]>> = {
  // gen_server and gen_event; special processes of sys before OTP 17 had no other.
  'code_change/3': [[1]],
  // gen_statem answers state and data, gen_fsm too.
  'code_change/4': [[1, 2]],
  'system_code_change/4': [[0]],
};

export function isCodeChange(functionName: string): boolean {
  return functionName in stateArguments;
}

/** What each exported function does that converts a state: by name, as `code_change/3`. */
export function codeChangesOf(code: ModuleCode, exports: ReadonlySet<string>): Record<string, CodeChange> {
  const found: Record<string, CodeChange> = {};
  for (const [name, unchanged] of Object.entries(stateArguments)) {
    if (exports.has(name)) found[name] = codeChangeOf(code, name, unchanged);
  }
  return found;
}

/**
 * As `codeChangesOf`, of a beam without debug info: one that only answers its state can be told from its code. Whether
 * `use GenServer` wrote it, can't, and does not matter.
 *
 * @throws OtpError when the beam is corrupt.
 */
export function remainingCodeChanges(
  beam: BeamFile,
  exports: readonly string[],
  missing: Unknown,
): Record<string, CodeChange | Unknown> {
  return Object.fromEntries(
    exports
      .filter(isCodeChange)
      .sort()
      .map((exported) => {
        const [name = '', arity = ''] = exported.split('/');
        const keeps = (stateArguments[exported] ?? []).some((places) =>
          onlyAnswersArguments(beam, name, Number(arity), places),
        );
        return [exported, keeps ? 'trivial' : missing];
      }),
  );
}

function codeChangeOf(
  code: ModuleCode,
  function_: string,
  unchanged: readonly (readonly number[])[],
): CodeChange {
  const definition = code.functions.get(function_);
  if (definition === undefined) return 'converts';
  const { name, arity, fromMacro } = definition;
  const results = optionsOf(evaluateFunction(code, name, arity)).filter(({ kind }) => kind !== 'never');
  const keeps = results.every((result) => unchanged.some((args) => isUnchanged(result, args)));
  // One that never returns refuses every state.
  if (!keeps || results.length === 0) return 'converts';
  if (sideEffectsOf(code, name, arity).length > 0) return 'effects';
  return fromMacro ? 'default' : 'trivial';
}

function isUnchanged(result: Value, args: readonly number[]): boolean {
  if (result.kind !== 'tuple' || result.elements.length !== args.length + 1) return false;
  const [ok, ...states] = result.elements;
  return (
    atomOfValue(ok) === 'ok' &&
    states.every((state, at) => state.kind === 'argument' && state.index === args[at])
  );
}
