import { expect, it } from 'vitest';
import { sourceMentions } from './source-mentions';

it('finds headers, behaviours and parse transforms as people write them, and none in comments', () => {
  expect(
    sourceMentions(`
-module(m).
-behaviour(one). -behaviour(not_at_the_begin_of_a_line).
-behavior( 'two-2' ).
 - include_lib("money/include/money.hrl").
-include_lib("$HOME/x.hrl").
-include("own.hrl").
-include(
  "../../other/include/other.hrl"
).
-compile([{parse_transform, three}, export_all]).
-compile([
  {parse_transform,
   four}
]).
%% -behaviour(five).
% -include_lib("six/include/six.hrl").
x() -> ok. % {parse_transform, seven}
-include_lib("money/include/more.hrl").
`),
  ).toEqual({
    libraries: ['money'],
    includes: ['$HOME/x.hrl', 'own.hrl', '../../other/include/other.hrl'],
    modules: ['one', 'two-2', 'three', 'four'],
  });
});

it('reads a long text without end in a moment', () => {
  const text = `${'-include_lib('.repeat(20_000)}\n${' '.repeat(200_000)}parse_transform${' '.repeat(200_000)}`;
  expect(sourceMentions(text)).toEqual({ libraries: [], includes: [], modules: [] });
});
