import type { ModuleIndex, ReleasePair } from '../diff/module-index';
import type { ModuleFacts } from '../diff';
import { isUnknown } from '../facts';
import type { Diagnostic } from './diagnostic';
import { splitFunction } from './process-tree';
import { listed } from './section';

/**
 * A function that was exported before and is gone in the release that is entered, where some module of that release,
 * changed or not, still calls it: whoever comes by gets `undef`. That is so after the upgrade, and not only during it.
 */
export function callUndefined({ difference, modules }: ReleasePair): Diagnostic[] {
  const { previous, next } = difference;
  return [
    ...inRelease(modules.previous, modules.next, next.version),
    ...inRelease(modules.next, modules.previous, previous.version),
  ];
}

function inRelease(left: ModuleIndex, entered: ModuleIndex, version: string): Diagnostic[] {
  if (!losesFunctions(left, entered)) return [];
  return [...entered.values()].flatMap(({ application, facts }): Diagnostic[] => {
    const gone = callsOf(facts).filter(({ module, called }) => {
      const before = left.get(module)?.facts.exports.has(called) ?? false;
      return before && !(entered.get(module)?.facts.exports.has(called) ?? false);
    });
    if (gone.length === 0) return [];
    const names = [...new Set(gone.map(({ module, called }) => `${module}:${called}`))].sort();
    return [
      {
        code: 'call-undefined',
        severity: 'warning',
        application,
        module: facts.name,
        message: `${facts.name} of release ${version} calls ${listed(names)}, which that release does not have any more or not yet: the call ends in undef.`,
        fix: `Bring ${names.length === 1 ? 'it' : 'them'} back, or take the call out of ${facts.name}; a call that asks erlang:function_exported/3 first is allowed in the configuration.`,
      },
    ];
  });
}

/** Mostly nothing is gone, and nobody's calls need be looked at. */
function losesFunctions(left: ModuleIndex, entered: ModuleIndex): boolean {
  for (const [name, { facts }] of left) {
    const after = entered.get(name)?.facts;
    if (after === facts) continue;
    for (const called of facts.exports) if (!(after?.exports.has(called) ?? false)) return true;
  }
  return false;
}

function callsOf(facts: ModuleFacts): { readonly module: string; readonly called: string }[] {
  const { otherCalls } = facts.details();
  return [
    ...[...facts.calls].flatMap(([module, functions]) =>
      [...functions].map((called) => ({ module, called })),
    ),
    ...(isUnknown(otherCalls) ? [] : otherCalls.map(splitFunction)),
  ];
}
