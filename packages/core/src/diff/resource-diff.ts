import { isNil, listElements, termsEqual, type Term } from '../erlang';
import type { Application } from '../release';

/**
 * How the resource file of an application and its place in the release differ, without the modules and the version.
 * Each is absent where both are the same.
 */
export interface ResourceDiff {
  /** Keys of the environment whose value in the `.app` was added, removed or changed, sorted. */
  readonly env?: readonly string[];
  readonly applications?: ListDiff;
  readonly optionalApplications?: ListDiff;
  readonly includedApplications?: ListDiff;
  readonly registered?: ListDiff;
  /** How the boot script starts it, from the `.rel`. */
  readonly startType?: { readonly previous: string; readonly next: string };
  /** Whether `mod`, the module that starts it or its arguments, changed. */
  readonly mod?: true;
}

export interface ListDiff {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** @returns an empty object when nothing differs */
export function diffResources(previous: Application, next: Application): ResourceDiff {
  const [before, after] = [previous.resource, next.resource];
  const env = changedKeys(before.env, after.env);
  const lists = {
    applications: diffLists(before.applications, after.applications),
    optionalApplications: diffLists(before.optionalApplications, after.optionalApplications),
    includedApplications: diffLists(previous.includedApplications, next.includedApplications),
    registered: diffLists(before.registered, after.registered),
  };
  return {
    ...(env.length > 0 && { env }),
    ...(lists.applications && { applications: lists.applications }),
    ...(lists.optionalApplications && { optionalApplications: lists.optionalApplications }),
    ...(lists.includedApplications && { includedApplications: lists.includedApplications }),
    ...(lists.registered && { registered: lists.registered }),
    ...(previous.startType !== next.startType && {
      startType: { previous: previous.startType, next: next.startType },
    }),
    ...(!sameMod(before.mod, after.mod) && { mod: true as const }),
  };
}

function diffLists(previous: readonly string[], next: readonly string[]): ListDiff | undefined {
  const added = next.filter((name) => !previous.includes(name));
  const removed = previous.filter((name) => !next.includes(name));
  return added.length + removed.length === 0 ? undefined : { added, removed };
}

function changedKeys(previous: Term, next: Term): string[] {
  const before = envOf(previous);
  const after = envOf(next);
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((key) => {
      const [old, young] = [before.get(key), after.get(key)];
      return old === undefined || young === undefined || !termsEqual(old, young);
    })
    .sort();
}

function envOf(env: Term): Map<string, Term> {
  const values = new Map<string, Term>();
  if (isNil(env)) return values;
  for (const entry of listElements(env) ?? []) {
    const [key, value] = entry.kind === 'tuple' ? entry.elements : [];
    if (key?.kind === 'atom' && value !== undefined) values.set(key.name, value);
  }
  return values;
}

function sameMod(previous: Application['resource']['mod'], next: Application['resource']['mod']): boolean {
  if (previous === undefined || next === undefined) return previous === next;
  return previous.module === next.module && termsEqual(previous.args, next.args);
}
