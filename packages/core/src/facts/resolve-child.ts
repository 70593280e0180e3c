import {
  type ChildFacts,
  type ChildReference,
  isUnknown,
  type KeptFacts,
  type Unknown,
  unknown,
} from './model';

/**
 * A child with the specification that its module gives: of a reference, what `child_spec/1` of that module answers,
 * with the overrides of the supervisor.
 *
 * @param factsOfModule the facts of a module in the same release; undefined when there is no such module
 */
export function resolveChild(
  child: ChildFacts | ChildReference | Unknown,
  factsOfModule: (module: string) => KeptFacts | undefined,
): ChildFacts | Unknown {
  if (!('childSpecOf' in child)) return child;
  const { childSpecOf, arg, overrides } = child;
  const own = factsOfModule(childSpecOf)?.childSpec;
  if (own === undefined || own === null) return unknown(`what child_spec/1 of ${childSpecOf} answers`);
  if (isUnknown(own)) return own;
  const { handsOnArgument, ...given } = own;
  const args = handsOnArgument && !isUnknown(arg) ? { args: `[${arg}]` } : {};
  return { ...given, ...args, ...overrides };
}
