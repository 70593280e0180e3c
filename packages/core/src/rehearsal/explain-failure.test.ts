import { expect, it } from 'vitest';
import { exitReason, explainBoot, explainFailure } from './explain-failure';

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
  ['{error,{cannot_extract_file,"../a",unsafe_path}}', /^the package holds ..\/a, which would lie outside/],
  ['{error,{bad_relup_file,"releases/2/relup"}}', /^releases\/2\/relup cannot be read: it is no relup\.$/],
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

it('does not name the folder that a file was compiled in', () => {
  expect(exitReason('{error,{\'EXIT\',{boom,[{shop,f,3,[{file,"/home/me/src/shop.erl"},{line,5}]}]}}}')).toBe(
    'boom in shop:f/3 (shop.erl:5)',
  );
});

it.each([
  [
    `Kernel pid terminated (application_controller) ({application_start_failure,shop,{{shutdown,{failed_to_start_child,shop_server,{not_ready,[{shop_server,init,1,[]}]}}},{shop_app,start,[normal,[]]}}})`,
    ' The application shop cannot start: its child shop_server fails with not_ready.',
  ],
  [
    `could not start kernel pid (application_controller) (error in config file "/tmp/x/releases/2/sys.config" (1): syntax error before: ']')`,
    " releases/2/sys.config:1 is no configuration: syntax error before: ']'.",
  ],
  ['one\nInternal error', ' It said last: Internal error'],
  ['', ''],
])('why a node does not boot: %s', (log, words) => {
  expect(explainBoot(log)).toBe(words);
});
