import { type BeamFile, type DebugInfo, recordDefinitions, structFields } from '../beam';
import { OtpError } from '../error';
import { atomName, listElements, type Term, tupleOf } from '../erlang';
import { hasDynamicCalls } from './calls';
import { callbackModeOf, callbacksOf } from './callbacks';
import { childOf, handsOnItsArgument } from './child-specifications';
import { codeChangesOf } from './code-change';
import { readElixirCode } from './code/elixir-code';
import { readErlangCode } from './code/erlang-code';
import type { ModuleCode } from './code/expression';
import { evaluateFunction } from './evaluate/evaluator';
import { lingersOf } from './lingers';
import { type ChildFacts, isUnknown, type KeptFacts, type Unknown, unknown } from './model';
import { otherCallsOf } from './other-calls';
import { processStartsOf, startCallsOf } from './process-starts';
import { remainingFacts } from './remaining-facts';
import { handedOn, startResultOf } from './start-result';
import { stateShapesOf } from './state-shapes';
import { supervisorsOf } from './supervisors';

/**
 * The facts of one module, from its debug info; what it does not tell is unknown, and without debug info that is
 * nearly everything (`remainingFacts`). Nothing of the module is run.
 *
 * @throws OtpError when the file is not a BEAM file, or one of the chunks that every module has is corrupt.
 */
export function extractModuleFacts(beam: BeamFile): KeptFacts {
  const debugInfo = usableDebugInfo(beam);
  if (typeof debugInfo === 'string') return remainingFacts(beam, debugInfo);
  const code =
    debugInfo.kind === 'elixir'
      ? readElixirCode(beam.name, debugInfo.module)
      : readErlangCode(beam.name, debugInfo.forms);
  const behaviours = beam.hasAttributes ? beam.behaviours : behavioursIn(debugInfo);
  const exports = new Set(beam.exports.map(({ name, arity }) => `${name}/${arity}`));
  const imports = new Set(beam.imports.map(({ module, name, arity }) => `${module}:${name}/${arity}`));
  const records = recordsIn(debugInfo);
  const calls = startCallsOf(code);
  const known = <Fact>(find: () => Fact): Fact | Unknown => (code.isTruncated ? truncated : find());
  const supervisors = known(() => supervisorsOf(code, behaviours, exports, calls));
  return {
    behaviours,
    records,
    struct: sortedStruct(debugInfo),
    codeChange: codeChangesOf(code, exports),
    states: stateShapesOf(code, { behaviours, exports, records }),
    supervisors,
    childSpec: childSpecOf(code, exports),
    dynamicCalls: hasDynamicCalls(code) || known(() => false),
    starts: known(() => processStartsOf(calls)),
    callbacks: callbacksOf(code, debugInfo, exports),
    callbackMode: callbackModeOf(code, exports),
    ...(code.isTruncated
      ? { otherCalls: truncated, codeChangeCalls: truncated }
      : otherCallsOf(code, exports, imports, supervisors)),
    lingers: known(() => lingersOf(code, exports)),
    usedRecords: known(() => [...code.usedRecords].sort()),
    startResult: startResultOf(code, exports),
    handsOn: handedOn(code, exports),
  };
}

const truncated = unknown('deeply nested code');

/** Whether `extractModuleFacts` has debug info to read. */
export function hasUsableDebugInfo(beam: BeamFile): boolean {
  return typeof usableDebugInfo(beam) !== 'string';
}

type UsableDebugInfo = Extract<DebugInfo, { readonly kind: 'erlang-forms' | 'elixir' }>;

/** The debug info, or why there is none to read. */
function usableDebugInfo(beam: BeamFile): UsableDebugInfo | string {
  try {
    const debugInfo = beam.debugInfo();
    switch (debugInfo.kind) {
      case 'erlang-forms':
      case 'elixir':
        return debugInfo;
      case 'encrypted':
        return 'the debug info is encrypted';
      case 'stripped':
        return 'no debug info';
      case 'unknown-backend':
        return `the debug info is of another compiler, ${debugInfo.backend}`;
    }
  } catch (error) {
    if (error instanceof OtpError) return 'the debug info is corrupt';
    throw error;
  }
}

function recordsIn(debugInfo: DebugInfo): Record<string, readonly string[]> {
  return Object.fromEntries(
    [...recordDefinitions(debugInfo)].sort(([left], [right]) => (left < right ? -1 : 1)),
  );
}

function behavioursIn(debugInfo: UsableDebugInfo): string[] {
  const named =
    debugInfo.kind === 'elixir' ? elixirAttributes(debugInfo.module) : erlangAttributes(debugInfo.forms);
  return [...new Set(named)];
}

function erlangAttributes(forms: Term): string[] {
  return (listElements(forms) ?? []).flatMap((form) => {
    const [, , key, value] = tupleOf(form, 'attribute', 4)?.elements ?? [];
    const isBehaviour = key?.kind === 'atom' && (key.name === 'behaviour' || key.name === 'behavior');
    return isBehaviour && value !== undefined ? (atomName(value) ?? []) : [];
  });
}

function elixirAttributes(module: Term): string[] {
  if (module.kind !== 'map') return [];
  const attributes = module.entries.find(([key]) => atomName(key) === 'attributes')?.[1];
  return ((attributes && listElements(attributes)) ?? []).flatMap((pair) => {
    const value = tupleOf(pair, 'behaviour', 2)?.elements[1];
    return value === undefined ? [] : (atomName(value) ?? []);
  });
}

function childSpecOf(code: ModuleCode, exports: ReadonlySet<string>): ChildFacts | null | Unknown {
  if (!exports.has('child_spec/1')) return null;
  const answer = evaluateFunction(code, 'child_spec', 1);
  const child = childOf(answer);
  if ('childSpecOf' in child) return unknown(`what child_spec/1 of ${child.childSpecOf} answers`);
  return !isUnknown(child) && handsOnItsArgument(answer) ? { ...child, handsOnArgument: true } : child;
}

function sortedStruct(debugInfo: DebugInfo): readonly string[] | null {
  const fields = structFields(debugInfo);
  return fields === undefined ? null : [...fields].sort();
}
