import { expect, it } from 'vitest';
import { parseProbes } from './probes';

it('reads probes, a text or an object each', () => {
  const plan = parseProbes(
    {
      language: 'elixir',
      modules: ['probes/a.erl', '/srv/b.exs'],
      during: ['a:b()', { name: 'n', call: 'c:d()', expect: '{ok, _}', language: 'erlang' }],
      expectedErrors: ['^a\\.'],
    },
    'dummy/rel/probes.json',
  );
  expect(plan).toEqual({
    language: 'elixir',
    modules: ['dummy/rel/probes/a.erl', '/srv/b.exs'],
    expectedErrors: [/^a\./],
    booted: [],
    before: [],
    during: [
      { name: 'a:b()', call: 'a:b()', expect: undefined, language: undefined },
      { name: 'n', call: 'c:d()', expect: '{ok, _}', language: 'erlang' },
    ],
    upgraded: [],
    downgraded: [],
    always: [],
  });
});

it('says all that is wrong at once, with its place', () => {
  const said = (): unknown =>
    parseProbes(
      {
        durring: [],
        always: [1, { expect: 'x' }, ''],
        modules: ['a.beam'],
        language: 'lfe',
        expectedErrors: ['('],
      },
      'probes.json',
    );
  expect(said).toThrow('durring: there is no such setting. Did you mean during?');
  expect(said).toThrow('always[0]: expected an object, found 1.');
  expect(said).toThrow('always[1].call: expected an expression, such as "dummy_server:get_state()"');
  expect(said).toThrow('always[2]: expected an expression');
  expect(said).toThrow('modules[0]: expected a path that ends in .erl, .ex or .exs, found "a.beam".');
  expect(said).toThrow('language: expected erlang or elixir, found "lfe".');
  expect(said).toThrow('expectedErrors[0]: expected a regular expression, found "(".');
});
