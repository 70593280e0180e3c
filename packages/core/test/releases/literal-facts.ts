import type { ModuleDiff, ModuleFacts } from '../../src/diff';
import type { KeptFacts } from '../../src/facts';

const notSaid = { unknown: 'the test does not say' };
const unknownDetails: KeptFacts = {
  behaviours: notSaid,
  records: notSaid,
  struct: notSaid,
  codeChange: {},
  states: notSaid,
  supervisors: notSaid,
  childSpec: notSaid,
  dynamicCalls: notSaid,
  starts: notSaid,
  callbacks: null,
  callbackMode: null,
  otherCalls: notSaid,
  codeChangeCalls: notSaid,
  lingers: notSaid,
  usedRecords: notSaid,
  startResult: null,
  handsOn: notSaid,
};

export interface LiteralFacts {
  /** `function/arity` */
  readonly exports?: readonly string[];
  /** `module:function/arity` */
  readonly calls?: readonly string[];
  readonly behaviours?: readonly string[];
  readonly md5?: string;
  readonly stripped?: boolean;
  readonly onLoad?: boolean;
  readonly details?: Partial<KeptFacts>;
}

/** The facts of a module, as its beam would tell them. */
export function facts(name: string, literal: LiteralFacts = {}): ModuleFacts {
  const calls = new Map<string, Set<string>>();
  for (const call of literal.calls ?? []) {
    const [module = '', called = ''] = call.split(':');
    calls.set(module, (calls.get(module) ?? new Set()).add(called));
  }
  return {
    name,
    md5: literal.md5 ?? name,
    exports: new Set(literal.exports),
    calls,
    behaviours: literal.behaviours ?? [],
    hasAttributes: literal.stripped !== true,
    hasOnLoad: literal.onLoad ?? false,
    details: () => ({ ...unknownDetails, ...literal.details }),
  };
}

export function changed(
  name: string,
  previous: LiteralFacts = {},
  next: LiteralFacts = previous,
): ModuleDiff {
  return { kind: 'changed', name, change: 'code', previous: facts(name, previous), next: facts(name, next) };
}

export function added(name: string, next: LiteralFacts = {}): ModuleDiff {
  return { kind: 'added', name, next: facts(name, next) };
}

export function removed(name: string, previous: LiteralFacts = {}): ModuleDiff {
  return { kind: 'removed', name, previous: facts(name, previous) };
}
