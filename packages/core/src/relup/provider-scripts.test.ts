import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import type { ApplicationDiff, ReleaseDiff } from '../diff';
import { listElements, printTerm, stringValue, tupleOf, type Term } from '../erlang';
import type { Release } from '../release';
import { providerScripts } from './provider-scripts';
import type { Direction } from './script';

function difference(
  configProviders: ReleaseDiff['configProviders'],
  versions: readonly (readonly [name: string, previous: string, next: string, startType?: 'none'])[],
): ReleaseDiff {
  const release = (version: string): Release => ({ version }) as unknown as Release;
  const kept = versions.map(
    ([name, previous, next, startType = 'permanent']) =>
      ({
        name,
        previous: { name, version: previous, startType },
        next: { name, version: next, startType },
      }) as unknown as ApplicationDiff,
  );
  return {
    previous: release('0.1'),
    next: release('0.2'),
    kept,
    configProviders,
  } as unknown as ReleaseDiff;
}

const both = { previous: ['Elixir.Config.Reader'], next: ['Elixir.Config.Reader'] };

/** What each instruction binds, or the atom that it is. */
function described(given: ReleaseDiff, direction: Direction): string[] {
  const { first, last } = providerScripts(given, direction);
  expect(last).toEqual([]);
  return first.flatMap(({ instructions }) =>
    instructions.map(({ term }) => printTerm(bindingsOf(term)?.get('Values') ?? term)),
  );
}

function bindingsOf(instruction: Term): Map<string, Term> | undefined {
  const args = tupleOf(instruction, 'apply', 2)?.elements[1];
  const bindings = args?.kind === 'tuple' ? listElements(args.elements[2] ?? args)?.[1] : undefined;
  return (
    bindings &&
    new Map(
      (listElements(bindings) ?? []).map((one) => {
        const [name, value] = one.kind === 'tuple' ? one.elements : [];
        return [name === undefined ? '' : printTerm(name).replaceAll("'", ''), value ?? one];
      }),
    )
  );
}

it('runs the providers of the release that is entered before the point of no return, and sets what they gave behind it', () => {
  const given = difference(both, [
    ['kernel', '8.5', '8.5'],
    ['tools', '1', '2', 'none'],
    ['shop', '1', '2'],
  ]);
  expect(described(given, 'up')).toEqual([
    `[{'Entered', "0.2"}, {'Left', "0.1"}, {'Sign', {shop, "2"}}]`,
    'point_of_no_return',
    `[{'Entered', "0.2"}]`,
  ]);
  expect(described(given, 'down')).toEqual([
    `[{'Entered', "0.1"}, {'Left', "0.2"}, {'Sign', {shop, "1"}}]`,
    'point_of_no_return',
    `[{'Entered', "0.1"}]`,
  ]);
});

it('does nothing for a release that has none, and knows no sign where all applications stay', () => {
  const onlyNext = difference({ previous: [], next: ['Elixir.Config.Reader'] }, []);
  expect(described(onlyNext, 'down')).toEqual([]);
  expect(described(onlyNext, 'up')[0]).toContain("{'Sign', {undefined, undefined}}");
});

it('has expressions that every OTP can read', () => {
  const [script] = providerScripts(difference(both, []), 'up').first;
  const sources = (script?.instructions ?? []).flatMap(({ term }) => {
    const lines = bindingsOf(term)?.get('Lines');
    return lines === undefined
      ? []
      : [(listElements(lines) ?? []).map((line) => stringValue(line)).join('\n')];
  });
  expect(sources).toHaveLength(2);
  const code =
    '[begin {ok, T, _} = erl_scan:string(S), {ok, E} = erl_parse:parse_exprs(T), io:format("~p ", [length(E)]) end || S <- init:get_plain_arguments()], halt().';
  expect(execFileSync('erl', ['-noinput', '-eval', code, '-extra', ...sources], { encoding: 'utf8' })).toBe(
    '6 3 ',
  );
});
