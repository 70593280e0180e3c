import { expect, it } from 'vitest';
import { exitReason, explainFailure } from './explain-failure';

it.each([
  ['{error,{old_processes,shop_server}}', /still runs old code of shop_server/],
  [
    "{error,{code_change_failed,<0.9.0>,'Elixir.Shop',{down,1},oops}}",
    /^code_change of 'Elixir.Shop' failed in the process <0.9.0>\.$/,
  ],
  ['{error,{no_matching_relup,"0.2","0.1"}}', /^no relup leads from 0.1 to 0.2\.$/],
  ['{error,{enoent,"releases/0.1/relup"}}', /^no relup leads from the version that runs/],
  [
    '{error,{enoent,"releases/dummy_0.2.rel"}}',
    /^the package has no releases\/dummy_0.2.rel: it is cut short/,
  ],
  ['{error,{existing_release,"0.2"}}', /^the version 0.2 is unpacked already\.$/],
  ['{error,{badarg,[{erlang,send,[heart,{<0.2.0>,set_cmd,"x"}],[]},{heart,set_cmd,1,[]}]}}', /needs heart/],
  [
    '{error,{illegal_instruction_after_point_of_no_return,reboot}}',
    /^release_handler does not carry out reboot\.$/,
  ],
  ['{error,{cannot_extract_file,"a",eof}}', /cut short/],
  ['{error,{cannot_extract_file,"a",enospc}}', /disk is full/],
])('%s', (term, words) => {
  expect(explainFailure(term)).toMatch(words);
});

it('has no words for what it does not know', () => {
  expect(explainFailure('{error,something_new}')).toBeUndefined();
});

it('finds the reason and the place in an exit', () => {
  expect(
    exitReason(
      '{error,{\'EXIT\',{function_clause,[{shop,code_change,[1,{state,2},[]],[{file,"shop.erl"},{line,51}]},{gen_server,x,4,[]}]}}}',
    ),
  ).toBe('function_clause in shop:code_change (shop.erl:51)');
  expect(exitReason("{error,{'EXIT',{undef,[{nomod,nofun,[],[]}]}}}")).toBe('undef in nomod:nofun');
  expect(exitReason('{error,timeout}')).toBe('{error,timeout}');
});
