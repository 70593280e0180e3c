import type { Term } from '../erlang';
import type { ModuleDiff, ModuleFacts, ReleaseDiff } from '../diff';
import type { Release } from '../release';
import { loadFile, loadFrom, replaceFolder, waitUntilUnused } from './protocol-instructions';
import type { Direction, Script } from './script';
import { noSurroundingScripts, type SurroundingScripts } from './surrounding-scripts';

/**
 * Elixir's consolidated protocols: modules whose dispatch names every implementation there is, in a folder
 * `releases/VSN/consolidated` that is in the code path before all applications. No application has them, so no appup
 * can name them: what an appup names is the protocol's own module in the application's `ebin`, which asks at every
 * call whether the implementation is loaded. That is right while implementations come and go, and stays in the appup;
 * here it gives way to the consolidated one.
 *
 * `first` puts the folder of the release that is entered in the place of the other, always, and loads the protocols
 * that must not name the implementations that will be deleted. `last`, when every implementation is loaded, loads the
 * other ones that differ, and those that the applications' scripts loaded without consolidation.
 *
 * @param loaded the modules that the scripts of applications load
 * @returns nothing where neither release has consolidated protocols
 */
export function protocolScripts(
  difference: ReleaseDiff,
  direction: Direction,
  loaded: ReadonlySet<string>,
): SurroundingScripts {
  const [left, entered] = sides(difference, direction);
  if ([left, entered].every(({ configuration }) => configuration.consolidatedProtocols.length === 0)) {
    return noSurroundingScripts;
  }
  const { opened, closed, last } = protocolChanges(difference, direction, loaded);
  const first = [...opened, ...closed];
  const folders = [entered, left].flatMap(({ applications }) =>
    applications.flatMap(({ name, version, resource }) =>
      resource.modules
        .filter((module) => opened.includes(module))
        .map((module) => [module, `/${name}-${version}/ebin`] as const),
    ),
  );
  return {
    first: scriptOf([
      replaceFolder(`${left.versionPath}/consolidated`, `${entered.versionPath}/consolidated`),
      // For what an earlier upgrade left.
      ...unlessEmpty(sorted([...first, ...last]), waitUntilUnused),
      ...unlessEmpty(distinct(folders), loadFrom),
      ...closed.map(loadFile),
      ...unlessEmpty(sorted(first.filter((name) => last.includes(name))), waitUntilUnused),
    ]),
    last: scriptOf([
      ...unlessEmpty(
        last.filter((name) => loaded.has(name)),
        waitUntilUnused,
      ),
      ...last.map(loadFile),
    ]),
  };
}

/** Which protocols are loaded when, by name. */
interface ProtocolChanges {
  /**
   * `first`: those that lose implementations and get others, which the consolidated module would name before they are
   * loaded. The application's own module takes over and finds what there is, until `last`.
   */
  readonly opened: readonly string[];
  /** `first`: the others that lose implementations. */
  readonly closed: readonly string[];
  readonly last: readonly string[];
}

function protocolChanges(
  difference: ReleaseDiff,
  direction: Direction,
  loaded: ReadonlySet<string>,
): ProtocolChanges {
  const [, entered] = sides(difference, direction);
  const consolidated = consolidatedIn(entered);
  const own = new Set(entered.applications.flatMap(({ resource }) => resource.modules));
  const [arriving, leaving] = arrivingAndLeaving(difference, direction);
  const differing = difference.protocols.filter(
    // One that is not consolidated any more is its application's own again, unless it is gone.
    ({ kind, name }) => kind !== 'equivalent' && (consolidated.has(name) || own.has(name)),
  );
  const losing = differing
    // Where it loses a function too, the old callers must go before: its appup sees to that, and `last` to the rest.
    .filter((protocol) => leaving.some(isOf(protocol.name)) && keepsFunctions(protocol, direction))
    .map(({ name }) => name);
  const opened = losing.filter((name) => consolidated.has(name) && arriving.some(isOf(name)));
  const closed = losing.filter((name) => !opened.includes(name));
  const last = [
    ...differing.map(({ name }) => name).filter((name) => !closed.includes(name) && !loaded.has(name)),
    ...[...loaded].filter((name) => consolidated.has(name)),
  ];
  return { opened: sorted(opened), closed: sorted(closed), last: sorted(last) };
}

function sides({ previous, next }: ReleaseDiff, direction: Direction): [left: Release, entered: Release] {
  return direction === 'up' ? [previous, next] : [next, previous];
}

function consolidatedIn({ configuration }: Release): ReadonlySet<string> {
  return new Set(
    configuration.consolidatedProtocols.map((path) => path.slice(path.lastIndexOf('/') + 1, -'.beam'.length)),
  );
}

/** The modules that come and go, in applications that change or come and go themselves. */
function arrivingAndLeaving(
  { kept, added, removed }: ReleaseDiff,
  direction: Direction,
): [arriving: string[], leaving: string[]] {
  const differing = (kind: ModuleDiff['kind']): string[] =>
    kept.flatMap(({ modules }) => modules.filter((module) => module.kind === kind).map(({ name }) => name));
  const modules = (applications: ReleaseDiff['added']): string[] =>
    applications.flatMap(({ resource }) => resource.modules);
  const next = [...differing('added'), ...modules(added)];
  const previous = [...differing('removed'), ...modules(removed)];
  return direction === 'up' ? [next, previous] : [previous, next];
}

/** Whether a module is an implementation: `defimpl Shape, for: Circle` makes the module `Shape.Circle`. */
function isOf(protocol: string): (module: string) => boolean {
  return (module) => module.startsWith(`${protocol}.`);
}

function keepsFunctions(protocol: ModuleDiff, direction: Direction): boolean {
  if (protocol.kind !== 'changed') return true;
  const [left, entered]: [ModuleFacts, ModuleFacts] =
    direction === 'up' ? [protocol.previous, protocol.next] : [protocol.next, protocol.previous];
  return [...left.exports].every((name) => entered.exports.has(name));
}

function sorted(names: readonly string[]): string[] {
  return [...new Set(names)].sort();
}

function distinct<T extends readonly string[]>(pairs: readonly T[]): T[] {
  return [...new Map(pairs.map((pair) => [pair.join(), pair])).values()];
}

function unlessEmpty<T>(values: readonly T[], instruction: (values: readonly T[]) => Term): Term[] {
  return values.length === 0 ? [] : [instruction(values)];
}

function scriptOf(terms: readonly Term[]): Script[] {
  return terms.length === 0 ? [] : [{ instructions: terms.map((term) => ({ term })) }];
}
