import type { FunctionCall } from '../appup/instruction';
import { atom, list, string, stringValue, subterms, tuple, type Term } from '../erlang';
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

/** What the expressions below do, for the top of a relup: abstract forms are no pleasure to read. */
export const protocolComments: readonly string[] = [
  "Elixir's consolidated protocols lie in releases/VSN/consolidated, in no application.",
  'erl_eval with From and To puts the folder of one release in the place of the other in the code path;',
  'with Modules it waits until no process is in their old code, or loads them from folders of the code path.',
  'code:load_file then loads each protocol from the first folder of the code path that has it.',
];

/** Whether a call is the one that every upgrade of a release with consolidated protocols has (`replaceFolder`). */
export function isForProtocols({ module, args }: FunctionCall): boolean {
  const folder = /^releases\/.*\/consolidated$/;
  return (
    module === 'erl_eval' && [...subterms(list(args))].some((term) => folder.test(stringValue(term) ?? ''))
  );
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
export function replaceFolder(from: string, to: string): Term {
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

/**
 * ```erlang
 * [timer:sleep(10) || _ <- lists:seq(1, 100), Module <- Modules, not code:soft_purge(Module)]
 * ```
 *
 * Code can be loaded only over a module without old code, and whoever still runs that is killed. A protocol calls its
 * implementation as the last thing it does, so a process leaves the old code as soon as it runs again: waiting before
 * each further load kills nobody. One that stays for a second all the same is killed by the load, as with
 * `brutal_purge`, the default of an appup; without the load, calls would go to implementations that are gone.
 */
export function waitUntilUnused(modules: readonly string[]): Term {
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
export function loadFile(module: string): Term {
  return tuple(atom('apply'), tuple(atom('code'), atom('load_file'), list([atom(module)])));
}

/**
 * ```erlang
 * [code:load_abs(filename:join(Path, Module)) ||
 *     {Module, Folder} <- Modules, Path <- code:get_path(), lists:suffix(Folder, Path)]
 * ```
 *
 * @param modules with the end of the folder's path, where consolidated ones would come first; one that is not in the
 *   code path is passed over
 */
export function loadFrom(modules: readonly (readonly [module: string, folder: string])[]): Term {
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
    { Modules: list(modules.map(([name, folder]) => tuple(atom(name), string(folder)))) },
  );
}
