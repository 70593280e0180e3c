import { expect, it } from 'vitest';
import { versionAdvice } from './wrong-version';

it.each([
  ['===> OTP release 27 or later is required. Version in use: 25.2.3', /^The erl on PATH is Erlang\/OTP \d/],
  [
    "** (Mix) You're trying to run :a on Elixir v1.14.0 but it has declared in its mix.exs file it supports only Elixir ~> 1.17",
    /^Put the Elixir that is asked for first on PATH, one that was made for Erlang\/OTP \d/,
  ],
  [
    'beam/beam_load.c(594): Error loading function rebar_pkg_resource:init/2: op bs_add p x i u x:\n  please re-compile this module with an Erlang/OTP 28 compiler or update your Erlang/OTP version',
    /^What was run is compiled for another Erlang\/OTP than the one on PATH, \d/,
  ],
  [
    'This BEAM file was compiled for a later version of the runtime system than the current (Erlang/OTP 25).',
    /^What was run is compiled for another/,
  ],
])('knows what %s is about', (output, advice) => {
  expect(versionAdvice(output)).toMatch(advice);
});

it('has nothing to say of other failures', () => {
  expect(versionAdvice('src/a.erl:2:1: syntax error before: ')).toBe(undefined);
});
