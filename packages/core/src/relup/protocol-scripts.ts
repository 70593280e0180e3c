import { atom, list, string, tuple, type Term } from '../erlang';
import type { ModuleDiff, ModuleFacts, ReleaseDiff } from '../diff';
import {
  call,
  comprehension,
  cons,
  evaluate,
  generator,
  infix,
  integerLiteral,
  match,
  not,
  stringLiteral,
  tuplePattern,
  variable,
} from './erlang-expression';
import type { Direction, Script } from './script';
import { noSurroundingScripts, type SurroundingScripts } from './surrounding-scripts';

/**
 * Elixir's consolidated protocols: modules whose dispatch names every implementation there is, in a folder
 * `releases/VSN/consolidated` that is in the code path before all applications. No application has them, so no appup
 * can: an appup names the protocol's own module in the application's `ebin`, which asks at every call whether the
 * implementation is loaded.
 *
 * `first`, always:
 * - the folder of the release that is entered takes the place of the other in the code path;
 * - a protocol that loses implementations must not name them when they are deleted: the consolidated module is
 *   loaded. One that also gains some would name those before they are loaded, so its application's own module is,
 *   which finds what there is until `last`.
 *
 * `last`, when every implementation is loaded: the other protocols that differ, and those that the applications'
 * scripts loaded without consolidation. Where the release that is entered does not consolidate a protocol,
 * `code:load_file` finds the application's own.
 *
 * A protocol that loses a function, too, waits for `last`: its old callers go before, as its appup says.
 *
 * @param loaded the modules that the scripts of applications load
 * @returns nothing where neither release has consolidated protocols
 */
export function protocolScripts(
  difference: ReleaseDiff,
  direction: Direction,
  loaded: ReadonlySet<string>,
): SurroundingScripts {
  const [left, entered] =
    direction === 'up' ? [difference.previous, difference.next] : [difference.next, difference.previous];
  const consolidated = consolidatedIn(entered);
  if (consolidated.size === 0 && consolidatedIn(left).size === 0) return noSurroundingScripts;

  const [arriving, leaving] = implementations(difference, direction);
  const owners = new Map(
    entered.applications.flatMap(({ name, version, resource }) =>
      resource.modules.map((module) => [module, `/${name}-${version}/ebin`] as const),
    ),
  );
  const changed = difference.protocols
    .filter(({ kind, name }) => kind !== 'equivalent' && (consolidated.has(name) || owners.has(name)))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const losing = changed.filter(
    (protocol) => leaving.some(isOf(protocol.name)) && keepsFunctions(protocol, direction),
  );
  const opened = losing.filter(({ name }) => consolidated.has(name) && arriving.some(isOf(name)));
  const closed = losing.filter((protocol) => !opened.includes(protocol)).map(({ name }) => name);
  const last = [
    // Where it is not consolidated any more, the one that the applications' scripts loaded is the right one.
    ...changed.map(({ name }) => name).filter((name) => consolidated.has(name) || !loaded.has(name)),
    ...[...loaded].filter((name) => consolidated.has(name)),
  ].filter((name) => !closed.includes(name) || loaded.has(name));

  const path = replaceFolder(`${left.versionPath}/consolidated`, `${entered.versionPath}/consolidated`);
  return {
    first: [
      script([
        path,
        ...replacing(
          opened.map(({ name }) => name),
          (names) => [loadOwn(names, owners)],
        ),
        ...replacing(closed, (names) => names.map(loadFile)),
      ]),
    ],
    last:
      last.length === 0 ? [] : [script(replacing([...new Set(last)].sort(), (names) => names.map(loadFile)))],
  };
}

function consolidatedIn({ configuration }: ReleaseDiff['next']): ReadonlySet<string> {
  return new Set(
    configuration.consolidatedProtocols.map((path) => path.slice(path.lastIndexOf('/') + 1, -'.beam'.length)),
  );
}

/** The modules that come and go, in applications that change or come and go themselves. */
function implementations(
  { kept, added, removed }: ReleaseDiff,
  direction: Direction,
): [arriving: string[], leaving: string[]] {
  const differing = (kind: ModuleDiff['kind']): string[] =>
    kept.flatMap(({ modules }) => modules.filter((module) => module.kind === kind).map(({ name }) => name));
  const modules = (applications: typeof added): string[] =>
    applications.flatMap(({ resource }) => resource.modules);
  const next = [...differing('added'), ...modules(added)];
  const previous = [...differing('removed'), ...modules(removed)];
  return direction === 'up' ? [next, previous] : [previous, next];
}

/** `defimpl Shape, for: Circle` makes the module `Shape.Circle`. */
function isOf(protocol: string): (module: string) => boolean {
  return (module) => module.startsWith(`${protocol}.`);
}

function keepsFunctions(protocol: ModuleDiff, direction: Direction): boolean {
  if (protocol.kind !== 'changed') return true;
  const [left, entered]: [ModuleFacts, ModuleFacts] =
    direction === 'up' ? [protocol.previous, protocol.next] : [protocol.next, protocol.previous];
  return [...left.exports].every((name) => entered.exports.has(name));
}

/**
 * ```erlang
 * [Above | _] = [lists:sublist(Path, length(Path) - length(From)) || Path <- code:get_path(), lists:suffix(From, Path)]
 *     ++ [code:lib_dir() ++ "/../"],
 * code:add_patha(Above ++ To),
 * [code:del_path(Path) || Path <- code:get_path(), lists:suffix(From, Path)]
 * ```
 *
 * mix has `ROOT/lib/../releases/VSN/consolidated` there, others a path relative to the working directory: what stands
 * before `releases` stays as it is. A folder that is not there is refused by `code:add_patha/1`, not an error.
 */
function replaceFolder(from: string, to: string): Term {
  const path = variable('Path');
  const fromHere = [
    generator(path, call('code', 'get_path')),
    call('lists', 'suffix', variable('From'), path),
  ];
  const length = (text: Term): Term => call('erlang', 'length', text);
  const above = call('lists', 'sublist', path, infix(length(path), '-', length(variable('From'))));
  const unlessThere = infix(call('code', 'lib_dir'), '++', stringLiteral('/../'));
  return evaluate(
    [
      match(
        cons(variable('Above'), variable('_')),
        infix(comprehension(above, ...fromHere), '++', cons(unlessThere)),
      ),
      call('code', 'add_patha', infix(variable('Above'), '++', variable('To'))),
      comprehension(call('code', 'del_path', path), ...fromHere),
    ],
    { From: string(from), To: string(to) },
  );
}

/** Nothing is killed, before or after: neither by this load nor by the next one of an appup. */
function replacing(names: readonly string[], load: (names: readonly string[]) => Term[]): Term[] {
  if (names.length === 0) return [];
  const unused = waitUntilUnused(names);
  return [unused, ...load(names), unused];
}

/**
 * ```erlang
 * [timer:sleep(10) || _ <- lists:seq(1, 100), Module <- Modules, not code:soft_purge(Module)]
 * ```
 *
 * A protocol calls its implementation as the last thing it does: whoever is in its old code leaves it as soon as it
 * runs again. One that stays for a second all the same is killed by the load, as with `brutal_purge`, the default of
 * an appup; without the load it would be sent to implementations that are gone.
 */
function waitUntilUnused(modules: readonly string[]): Term {
  const module = variable('Module');
  return evaluate(
    [
      comprehension(
        call('timer', 'sleep', integerLiteral(10)),
        generator(variable('_'), call('lists', 'seq', integerLiteral(1), integerLiteral(100))),
        generator(module, variable('Modules')),
        not(call('code', 'soft_purge', module)),
      ),
    ],
    { Modules: list(modules.map(atom)) },
  );
}

/** From the first folder of the code path that has it, in embedded mode too; a module that has no file is no error. */
function loadFile(module: string): Term {
  return tuple(atom('apply'), tuple(atom('code'), atom('load_file'), list([atom(module)])));
}

/**
 * ```erlang
 * [code:load_abs(filename:join(Path, Module)) ||
 *     {Module, Folder} <- Modules, Path <- code:get_path(), lists:suffix(Folder, Path)]
 * ```
 */
function loadOwn(modules: readonly string[], folders: ReadonlyMap<string, string>): Term {
  const [module, folder, path] = [variable('Module'), variable('Folder'), variable('Path')];
  return evaluate(
    [
      comprehension(
        call('code', 'load_abs', call('filename', 'join', path, module)),
        generator(tuplePattern(module, folder), variable('Modules')),
        generator(path, call('code', 'get_path')),
        call('lists', 'suffix', folder, path),
      ),
    ],
    {
      Modules: list(
        modules.flatMap((name) => {
          const folder = folders.get(name);
          return folder === undefined ? [] : [tuple(atom(name), string(folder))];
        }),
      ),
    },
  );
}

function script(terms: readonly Term[]): Script {
  return { instructions: terms.map((term) => ({ term })) };
}
