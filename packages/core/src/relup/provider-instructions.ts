import type { FunctionCall } from '../appup/instruction';
import { atom, list, stringValue, string, subterms, tuple, type Term } from '../erlang';
import {
  atomLiteral,
  call,
  evaluate,
  match,
  stringLiteral,
  tuplePattern,
  variable,
} from './erlang-expression';

/** What the expressions below do, for the top of a relup. */
export const providerComments: readonly string[] = [
  "Elixir's config providers, of which config/runtime.exs is one, are run when a node boots. Here erl_eval runs those of",
  'the release Entered: before the point of no return, where a failure is an answer and changes nothing, and right behind',
  'it their configuration becomes that of the node. check_install_release only runs them.',
];

/**
 * Before the point of no return. `check_install_release/1` carries it out, too, and must change nothing; that it is
 * `install_release/1` shows in `Sign`, an application with its version in the release that is entered: by then
 * release_handler has given every application the new version and the environment of the new `sys.config` alone. The sooner
 * the rest is there, the better. After a failure the node goes on with the release that it has, and gets its
 * environment and versions back, to which the code path still leads; release_handler would leave it with the new ones. Providers see the environment variable `RELEASE_VSN` as they do at a boot.
 */
const runProviders: readonly string[] = [
  'Run = fun(Version) ->',
  '  os:putenv("RELEASE_VSN", Version),',
  '  File = filename:join([code:root_dir(), "releases", Version, "sys.config"]),',
  '  {ok, [Config]} = file:consult(File),',
  '  case proplists:get_value(config_provider_init, proplists:get_value(elixir, Config, [])) of',
  '    #{providers := Providers, extra_config := Extra} = Init ->',
  '      {Init, lists:foldl(fun({Provider, State}, Before) -> Provider:load(Before, State) end,',
  "        'Elixir.Config.Reader':merge(Config, Extra), Providers)};",
  '    _ -> {#{}, Config}',
  '  end',
  'end,',
  'Set = fun(Config) -> ok = application:set_env(Config, [{persistent, true}]) end,',
  'Restore = fun() ->',
  '  Files = [code:where_is_file(atom_to_list(Name) ++ ".app") || {Name, _, _} <- application:loaded_applications()],',
  '  Applications = [App || File <- Files, is_list(File), {ok, [App]} <- [file:consult(File)]],',
  '  {_, Config} = Run(Left),',
  '  ok = application_controller:change_application_data(Applications, Config),',
  '  Set(Config)',
  'end,',
  '{SignedApplication, SignedVersion} = Sign,',
  'Installs = application:get_key(SignedApplication, vsn) =:= {ok, SignedVersion},',
  'try',
  '  {Init, Config} = Run(Entered),',
  '  Installs andalso Set(Config),',
  '  case Init of',
  '    #{validate_compile_env := [_ | _] = CompileTime} when Installs ->',
  "      case 'Elixir.Config.Provider':validate_compile_env(CompileTime, false) of",
  '        {error, Message} -> error(Message);',
  '        _ -> ok',
  '      end;',
  '    _ -> ok',
  '  end,',
  "  put('Elixir.Config.Provider', {Entered, Config})",
  'catch Class:Reason:Stack ->',
  '  Installs andalso (catch Restore()),',
  '  throw({error, {config_providers, Entered, {Class, Reason, Stack}}})',
  'after',
  '  os:putenv("RELEASE_VSN", Left)',
  'end.',
];

/** Right behind the point of no return: in the process of release_handler, which has kept what the providers gave. */
const setProvided: readonly string[] = [
  "{Entered, Config} = erase('Elixir.Config.Provider'),",
  'os:putenv("RELEASE_VSN", Entered),',
  'ok = application:set_env(Config, [{persistent, true}]).',
];

/** Whether a call is one of those below. */
export function isForProviders({ module, args }: FunctionCall): boolean {
  return (
    module === 'erl_eval' && [...subterms(list(args))].some((term) => stringValue(term) === runProviders[0])
  );
}

export interface ProvidedConfiguration {
  /** Versions of the release. */
  readonly entered: string;
  readonly left: string;
  /** An application that has another version in the release that is entered, and that one; absent where there is none. */
  readonly sign?: { readonly application: string; readonly version: string };
}

/** The instructions before the point of no return, and behind it. */
export function provide({
  entered,
  left,
  sign,
}: ProvidedConfiguration): readonly [before: Term, behind: Term] {
  const enters = tuple(atom('Entered'), string(entered));
  return [
    evaluateSource(runProviders, [
      enters,
      tuple(atom('Left'), string(left)),
      tuple(
        atom('Sign'),
        sign === undefined
          ? tuple(atom('undefined'), atom('undefined'))
          : tuple(atom(sign.application), string(sign.version)),
      ),
    ]),
    evaluateSource(setProvided, [enters]),
  ];
}

/**
 * ```erlang
 * {ok, Tokens, _} = erl_scan:string(lists:append(lists:join(" ", Lines))),
 * {ok, Expressions} = erl_parse:parse_exprs(Tokens),
 * erl_eval:exprs(Expressions, Values)
 * ```
 *
 * @param values the bindings of the source, `{Variable, Value}`
 */
function evaluateSource(lines: readonly string[], values: readonly Term[]): Term {
  const ok = atomLiteral('ok');
  return evaluate(
    [
      match(
        tuplePattern(ok, variable('Tokens'), variable('_')),
        call(
          'erl_scan',
          'string',
          call('lists', 'append', call('lists', 'join', stringLiteral(' '), variable('Lines'))),
        ),
      ),
      match(tuplePattern(ok, variable('Expressions')), call('erl_parse', 'parse_exprs', variable('Tokens'))),
      call('erl_eval', 'exprs', variable('Expressions'), variable('Values')),
    ],
    { Lines: list(lines.map(string)), Values: list(values) },
  );
}
