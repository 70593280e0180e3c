import type { ModuleFacts, ModuleIndex } from '../diff';
import { isUnknown, type SupervisorFacts } from '../facts';

/** Functions of other modules, by module: `function/arity`. */
export type Calls = ReadonlyMap<string, ReadonlySet<string>>;

/** The modules of a release that name a module as their behaviour, by that module. */
export function implementationsIn(index: ModuleIndex): ReadonlyMap<string, readonly string[]> {
  const implementations = new Map<string, string[]>();
  for (const [name, { facts }] of index) {
    for (const behaviour of facts.behaviours) {
      if (!index.has(behaviour)) continue;
      const others = implementations.get(behaviour);
      if (others === undefined) implementations.set(behaviour, [name]);
      else others.push(name);
    }
  }
  return implementations;
}

/**
 * What a module calls in its release, as far as it can be seen: by its import table; by name or by a fun, where that
 * could be found out; and of the modules that name it as their behaviour, the callbacks that it demands and they have.
 */
export function callsOf(
  facts: ModuleFacts,
  index: ModuleIndex,
  implementations: ReadonlyMap<string, readonly string[]>,
): Calls {
  const calls = new Map<string, Set<string>>();
  const add = (module: string, called: string): void => {
    const functions = calls.get(module);
    if (functions === undefined) calls.set(module, new Set([called]));
    else functions.add(called);
  };
  for (const [module, functions] of facts.calls) for (const called of functions) add(module, called);
  const { otherCalls, callbacks, supervisors } = facts.details();
  if (!isUnknown(otherCalls)) {
    for (const call of otherCalls) {
      const { module, called } = splitCall(call);
      add(module, called);
    }
  }
  if (!isUnknown(supervisors)) {
    for (const supervisor of supervisors) {
      for (const { module, called } of startsWithMore(supervisor, index)) add(module, called);
    }
  }
  if (callbacks !== null && !isUnknown(callbacks)) {
    for (const module of implementations.get(facts.name) ?? []) {
      const implementation = index.get(module)?.facts;
      for (const callback of callbacks) if (implementation?.exports.has(callback)) add(module, callback);
    }
  }
  return calls;
}

/**
 * A `simple_one_for_one` supervisor calls the start function with the arguments of `start_child/2` behind those of the
 * specification: how many these are, only the exports of the module tell.
 */
function startsWithMore(
  { strategy, children }: SupervisorFacts,
  index: ModuleIndex,
): { readonly module: string; readonly called: string }[] {
  if (strategy !== 'simple_one_for_one' || isUnknown(children)) return [];
  return children.flatMap((child) => {
    if (isUnknown(child) || 'childSpecOf' in child) return [];
    const { startModule, function: name, arity } = child;
    if (isUnknown(startModule) || isUnknown(name) || isUnknown(arity)) return [];
    const exports = index.get(startModule)?.facts.exports ?? [];
    return [...exports]
      .filter((called) => called.startsWith(`${name}/`) && Number(called.slice(name.length + 1)) > arity)
      .map((called) => ({ module: startModule, called }));
  });
}

/** `module:function/arity`; a quoted atom may hold a colon, the name of a function and its arity do less often. */
export function splitCall(call: string): { readonly module: string; readonly called: string } {
  const at = call.indexOf(':');
  return { module: call.slice(0, at), called: call.slice(at + 1) };
}
