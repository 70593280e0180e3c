import type { BeamFile } from '../beam';
import { atomName } from '../erlang';
import { remainingCallbackMode, remainingCallbacks } from './callbacks';
import { remainingCodeChanges } from './code-change';
import { valueOfTerm } from './evaluate/value';
import { literalResult } from './literal-result';
import { type KeptFacts, type SupervisorFacts, type Unknown, unknown } from './model';
import { isStarter } from './process-starts';
import { callbackKind, readInit } from './supervisors';

/**
 * What a beam without debug info still tells: attributes (unless they are gone too), exports, imports, and functions
 * that return a literal. All else is unknown for `reason`.
 *
 * @throws OtpError when one of the chunks that every module has is corrupt.
 */
export function remainingFacts(beam: BeamFile, reason: string): KeptFacts {
  const missing = unknown(reason);
  const exports = beam.exports.map(({ name, arity }) => `${name}/${arity}`);
  const imports = beam.imports.map(({ module, name, arity }) => `${module}:${name}/${arity}`);
  return {
    behaviours: beam.hasAttributes ? beam.behaviours : missing,
    records: missing,
    struct: structOf(beam, exports, missing),
    codeChange: remainingCodeChanges(beam, exports, missing),
    states: exports.includes('init/1') ? missing : [],
    supervisors: supervisorsIn(beam, exports, imports, missing),
    childSpec: exports.includes('child_spec/1') ? missing : null,
    dynamicCalls: imports.includes('erlang:apply/3') ? true : missing,
    starts: imports.some(isStarter) ? missing : [],
    callbacks: remainingCallbacks(beam, exports, missing),
    callbackMode: remainingCallbackMode(beam, exports, missing),
    otherCalls: missing,
    codeChangeCalls: missing,
    lingers: missing,
    usedRecords: missing,
    startResult: exports.includes('start/2') ? missing : null,
    handsOn: exports.some((name) => name.startsWith('start')) ? missing : {},
  };
}

function structOf(beam: BeamFile, exports: readonly string[], missing: Unknown): KeptFacts['struct'] {
  if (!exports.includes('__struct__/0')) return null;
  const struct = literalResult(beam, '__struct__', 0);
  if (struct?.kind !== 'map') return missing;
  return struct.entries
    .flatMap(([key]) => atomName(key) ?? [])
    .filter((name) => name !== '__struct__')
    .sort();
}

/** Known only where `init/1` returns a literal, and nothing else can be a supervisor. */
function supervisorsIn(
  beam: BeamFile,
  exports: readonly string[],
  imports: readonly string[],
  missing: Unknown,
): readonly SupervisorFacts[] | Unknown {
  if (imports.includes('Elixir.Supervisor:start_link/2')) return missing;
  const startsSupervisor = imports.some((name) => name.startsWith('supervisor:start_link/'));
  const kind = callbackKind(beam.behaviours);
  if (kind === undefined) {
    const maySupervise = !beam.hasAttributes || startsSupervisor;
    return exports.includes('init/1') && maySupervise ? missing : [];
  }
  if (kind === 'dynamic') {
    const none = { strategy: 'one_for_one', children: [] };
    return [{ kind, function: 'init/1', name: missing, ...none, sideEffects: missing }];
  }
  const result = literalResult(beam, 'init', 1);
  const init =
    result === undefined ? { strategy: missing, children: missing } : readInit(valueOfTerm(result));
  // A function that only returns a literal calls nothing.
  const sideEffects = result === undefined ? missing : [];
  return [{ kind, function: 'init/1', name: missing, ...init, sideEffects }];
}
