// Upgrades that go wrong, each in its own way: what a rehearsal says of them is compared as a whole, and nothing may be
// left of it. The rehearsals run at the same time, as those of several people on one machine do.

import { readFileSync, truncateSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { builtReleases } from '../support/live/built-releases.js';
import { pack, rehearseFault, releaseOf, relupTo, type Fault } from '../support/live/rehearsed-fault.js';
import type { ApplicationVersion } from '../support/live/scenario.js';
import { appup, server, specialProcess, supervisor } from '../support/live/sources.js';

const callbacks = `init([]) -> {ok, 1}.
get() -> gen_server:call(?MODULE, get).
handle_call(get, _, N) -> {reply, N, N}`;

const version = (source: string, more: Partial<ApplicationVersion> = {}): ApplicationVersion => ({
  children: ['f_server'],
  modules: { f_server: source },
  ...more,
});
/** It takes its time to stop: a node that restarts has told the state of f_server before it stops that. */
const slow = {
  f_slow: server(
    '',
    `init([]) -> process_flag(trap_exit, true), {ok, 1}.
handle_call(_, _, N) -> {reply, N, N}.
terminate(_, _) -> timer:sleep(300).`,
  ).replace(', ]', ']'),
};
const slowly = (source: string): ApplicationVersion =>
  version(source, { children: ['f_server', 'f_slow'], modules: { f_server: source, ...slow } });

const first = slowly(server('get/0', `${callbacks}.`));
/** With a clause more, and this code_change. */
const second = (codeChange = 'code_change(_, State, _) -> {ok, State}.'): ApplicationVersion =>
  slowly(server('get/0', `${callbacks};\nhandle_call(second, _, N) -> {reply, N, N}.\n${codeChange}`));

const both = (instructions: string): string => appup(instructions, instructions);
const advanced = both('{update, f_server, {advanced, []}}');

/** A server that sleeps for so long when it is told to. */
const sleeper = (milliseconds: string): ApplicationVersion =>
  version(
    server(
      'get/0, sleep/0',
      `${callbacks}.
sleep() -> gen_server:cast(?MODULE, sleep).
handle_cast(sleep, N) -> timer:sleep(${milliseconds}), {noreply, N}.
code_change(_, State, _) -> {ok, State}.`,
    ),
  );

/** Busy until new code has been loaded beside its own, however long that takes. */
const busyUntilLoaded = (pause: number): ApplicationVersion =>
  version(
    server(
      'get/0, sleep/0',
      `${callbacks}.
sleep() -> gen_server:cast(?MODULE, sleep).
handle_cast(sleep, N) -> busy(), {noreply, N}.
busy() ->
    case erlang:check_old_code(?MODULE) of
        true -> ok;
        false -> timer:sleep(${pause}), busy()
    end.
code_change(_, State, _) -> {ok, State}.`,
    ),
  );

const unsuspendable = (answer: string): ApplicationVersion =>
  version(
    specialProcess('{state, N}', `request({state, N} = State) -> {${answer}, State}.`, '{state, 1}').replace(
      '{system, From, Request} ->',
      '{system, _, suspend} -> exit(not_me);\n    {system, From, Request} ->',
    ),
  );

/** With a function that lets a process stay in the code, and a copy of the code loaded over it. */
const lingering = version(
  server(
    'get/0, linger/0, wait/0',
    `${callbacks}.
linger() -> spawn(fun wait/0), {module, _} = code:load_file(?MODULE), ok.
wait() -> receive never -> wait() end.`,
  ),
);

const killAt =
  (isThen: (progress: Parameters<NonNullable<Fault['interfere']>>[0]) => boolean): Fault['interfere'] =>
  (progress, pid) => {
    if (isThen(progress)) process.kill(pid, 'SIGKILL');
  };

const goesOnWithBase = [
  'Afterwards an operator finds:',
  'the node goes on with 1.',
  'A restart boots 1 (f 1); release_handler knows 2 unpacked, 1 permanent.',
];
const restartsBase = [
  'Afterwards an operator finds:',
  'the node restarted itself, and runs 1.',
  goesOnWithBase[2],
];
const hangs = [
  'Afterwards an operator finds:',
  'the node hangs: release_handler does not answer.',
  goesOnWithBase[2],
];
const ended = ['Afterwards an operator finds:', 'the node has ended.', goesOnWithBase[2]];
const refusedPackage = [
  'Afterwards an operator finds:',
  'the node goes on with 1.',
  expect.stringMatching(/^A restart boots 1 \(.*\); release_handler knows 1 permanent\.$/) as string,
  'Left on disk, where a next try finds it: releases/live_2.tar.gz.',
];
const left = 'Left on disk, where a next try finds it: lib/f-2, releases/2.';

const fromLine = (line: number, section: string, instruction: string): string =>
  `from lib/f-2/ebin/f.appup:${line}, ${section}: ${instruction}`;
const upgradeOfServer = fromLine(2, 'up from 1', '{update, f_server, {advanced, []}}');

const faults: readonly (Fault & {
  readonly says: readonly (string | undefined)[];
  readonly races?: boolean;
})[] = [
  {
    name: 'code_change crashes',
    v1: first,
    v2: second('code_change(_, _, _) -> error(boom).'),
    appup: advanced,
    says: [
      'FAILED install 2',
      'error code-change-failed: code_change of f_server failed in f_server (f, <>): boom in f_server:code_change/3 (f_server.erl:10). Its state is 1.',
      'at {code_change, up, [{f_server, []}]}',
      upgradeOfServer,
      'error step-failed: code_change of f_server failed in the process <>.',
      'at {code_change, up, [{f_server, []}]}',
      upgradeOfServer,
      ...restartsBase,
      left,
    ],
  },
  {
    name: 'code_change refuses',
    v1: first,
    v2: second('code_change(_, _, _) -> {error, not_today}.'),
    appup: advanced,
    says: [
      'FAILED install 2',
      'error code-change-failed: code_change of f_server failed in f_server (f, <>): it gave {error,not_today}, and not {ok, State}. Its state is 1.',
      'at {code_change, up, [{f_server, []}]}',
      upgradeOfServer,
      'error step-failed: code_change of f_server failed in the process <>.',
      'at {code_change, up, [{f_server, []}]}',
      upgradeOfServer,
      ...restartsBase,
      left,
    ],
  },
  {
    name: 'code_change crashes on the way down',
    v1: first,
    v2: second(
      'code_change({down, _}, _, _) -> error(no_way_back);\ncode_change(_, State, _) -> {ok, State}.',
    ),
    appup: advanced,
    says: [
      'FAILED install 1 again',
      'error code-change-failed: code_change of f_server failed in f_server (f, <>): no_way_back in f_server:code_change/3 (f_server.erl:10). Its state is 1.',
      'at {code_change, down, [{f_server, []}]}',
      fromLine(3, 'down to 1', '{update, f_server, {advanced, []}}'),
      'error step-failed: code_change of f_server failed in the process <>.',
      'at {code_change, down, [{f_server, []}]}',
      fromLine(3, 'down to 1', '{update, f_server, {advanced, []}}'),
      'Afterwards an operator finds:',
      'the node restarted itself, and runs 2.',
      'A restart boots 2 (f 2); release_handler knows 2 permanent, 1 old.',
      left,
    ],
  },
  {
    name: 'no way down',
    v1: first,
    v2: second(),
    appup: advanced,
    spoil: relupTo((relup) => `${relup.slice(0, relup.lastIndexOf(' [{"1", []'))} []}.\n`),
    says: [
      'FAILED install 1 again',
      'error step-failed: no relup leads from 2 to 1.',
      'Afterwards an operator finds:',
      'the node goes on with 2.',
      'A restart boots 2 (f 2); release_handler knows 2 permanent, 1 old.',
      left,
    ],
  },
  {
    name: 'a call before the point of no return fails',
    v1: first,
    v2: second(),
    appup: appup(
      '{apply, {lists, nth, [1, []]}}, point_of_no_return, {update, f_server, {advanced, []}}',
      '{load_module, f_server}',
    ),
    says: [
      'FAILED check 2',
      'error instruction-failed: lists:nth/2 gave error: function_clause, which release_handler does not look at.',
      'at {apply, {lists, nth, [1, []]}}',
      fromLine(4, 'up from 1', '{apply, {lists, nth, [1, []]}}'),
      'error step-failed: release_handler says function_clause in lists:nth (lists.erl:<>).',
      'at {apply, {lists, nth, [1, []]}}',
      fromLine(4, 'up from 1', '{apply, {lists, nth, [1, []]}}'),
      ...goesOnWithBase,
      left,
    ],
  },
  {
    name: 'a call never returns',
    v1: first,
    v2: second(),
    appup: appup(
      '{update, f_server, {advanced, []}}, {apply, {timer, sleep, [infinity]}}',
      '{load_module, f_server}',
    ),
    options: { stepTimeout: 1500 },
    says: [
      'FAILED install 2',
      'error timeout: no answer within 1500 ms while release_handler carried out {apply, {timer, sleep, [infinity]}}. release_handler is in timer:sleep/1 < release_handler_1:eval/2 < lists:foldl_1/3 < release_handler_1:eval_script/5 < release_handler:eval_script/5 < release_handler:do_install_release/3.',
      'at {apply, {timer, sleep, [infinity]}}',
      fromLine(5, 'up from 1', '{apply, {timer, sleep, [infinity]}}'),
      ...hangs,
      left,
    ],
  },
  {
    name: 'a server is busy for longer than it may be',
    v1: busyUntilLoaded(20),
    v2: busyUntilLoaded(21),
    appup: both('{update, f_server, 300, {advanced, []}, brutal_purge, brutal_purge, []}'),
    options: { probes: { before: ['f_server:sleep()'], during: ['is_pid(whereis(f_server))'] } },
    says: [
      'FAILED install 2',
      'error not-suspended: f_server (f, <>) was asked to suspend and did not answer in time (it is in timer:sleep/1 < f_server:busy/0 < f_server:handle_cast/2 < gen_server:try_dispatch/4 < gen_server:handle_msg/6 < proc_lib:init_p_do_apply/3); release_handler goes on without it. Its code_change is not called, and it meets the new code with the state of the old one.',
      'at {suspend, [{f_server, 300}]}',
      fromLine(4, 'up from 1', '{update, f_server, 300, {advanced, []}, brutal_purge, brutal_purge, []}'),
      'ok     make 2 permanent',
      'ok     restart into 2',
      'ok     install 1 again',
      'ok     make 1 permanent',
      'ok     restart into 1',
      'ok     remove 2',
    ],
  },
  {
    name: 'a server is waited for without end',
    v1: sleeper('infinity'),
    v2: sleeper('1000000'),
    appup: both('{update, f_server, infinity, {advanced, []}, brutal_purge, brutal_purge, []}'),
    options: {
      stepTimeout: 1500,
      probes: { before: ['f_server:sleep()'], during: ['is_pid(whereis(f_server))'] },
    },
    says: [
      'FAILED install 2',
      'error timeout: no answer within 1500 ms while release_handler carried out {suspend, [{f_server, infinity}]}. It waits for f_server (f, <>), which is in timer:sleep/1 < f_server:handle_cast/2 < gen_server:try_dispatch/4 < gen_server:handle_msg/6 < proc_lib:init_p_do_apply/3.',
      'at {suspend, [{f_server, infinity}]}',
      fromLine(
        4,
        'up from 1',
        '{update, f_server, infinity, {advanced, []}, brutal_purge, brutal_purge, []}',
      ),
      ...hangs,
      left,
    ],
  },
  {
    name: 'a server ends when it is suspended',
    v1: unsuspendable('N'),
    v2: unsuspendable('N + 0'),
    appup: advanced,
    options: { probes: { during: ['f_server:call()'] } },
    // How far release_handler comes before the node ends is not the same each time.
    races: true,
    says: [
      'error crash-report: crasher: initial call: f_server:init/1',
      'at {suspend, [f_server]}',
      upgradeOfServer,
      'error supervisor-report: Supervisor: {local,f_sup}. Context: child_terminated. Reason: not_me. Offender: id=f_server,pid=<>.',
      'at {suspend, [f_server]}',
      upgradeOfServer,
      'error process-gone: f_server (f, <>) ended when it was asked to suspend, with the reason not_me.',
      'at {suspend, [f_server]}',
      upgradeOfServer,
      ...ended,
      left,
    ],
  },
  {
    name: 'the supervisor of the new version has a mistake',
    v1: first,
    v2: {
      ...first,
      modules: {
        ...first.modules,
        f_sup: supervisor(['#{id => f_server, start => nonsense}', 'f_slow']),
      },
    },
    appup: both('{update, f_sup, supervisor}'),
    says: [
      'FAILED install 2',
      'error code-change-failed: code_change of f_sup failed in f_sup (f, <>): it gave {error,{invalid_mfa,nonsense}}, and not {ok, State}. Its state is {state,{local,f_sup},one_for_one,{[f_slow,f_server],#{f_server => {child,<>,f_server,{f_server,start_link,[]},permanent,false,5000,worker,[f_server]},f_slow => {child,<>,f_slow,{f_slow,start_link,[]},permanent,false,5000,worker,[f_slow]}}},undefined,0,5,[],0,never,f_sup,[]}.',
      'at {code_change, up, [{f_sup, []}]}',
      fromLine(2, 'up from 1', '{update, f_sup, supervisor}'),
      'error step-failed: code_change of f_sup failed in the process <>.',
      'at {code_change, up, [{f_sup, []}]}',
      fromLine(2, 'up from 1', '{update, f_sup, supervisor}'),
      ...restartsBase,
      left,
    ],
  },
  {
    name: 'a process is in old code',
    v1: lingering,
    v2: version(server('get/0, linger/0', `${callbacks}.\nlinger() -> ok.`)),
    appup: both('{load_module, f_server, soft_purge, soft_purge, []}'),
    options: { probes: { before: ['f_server:linger()'], during: ['f_server:get()'] } },
    says: [
      'FAILED check 2',
      'error step-failed: a process still runs old code of f_server, which an instruction with soft_purge does not kill; nothing was changed.',
      ...goesOnWithBase,
      left,
    ],
  },
  {
    name: 'the emulator is to be restarted, without heart',
    v1: first,
    v2: second(),
    appup: both('{load_module, f_server}, restart_emulator'),
    says: [
      'FAILED install 2',
      'error step-failed: the relup restarts the emulator, which needs heart to start it again; a rehearsal runs without heart, as does every node that is not started with -heart.',
      'at restart_emulator',
      fromLine(5, 'up from 1', 'restart_emulator'),
      ...restartsBase,
      'Left on disk, where a next try finds it: lib/f-2, releases/2, releases/new_start_erl.data.',
    ],
  },
  {
    name: 'the node is killed in the middle of an installation',
    v1: first,
    v2: second('code_change(_, State, _) -> timer:sleep(3000), {ok, State}.'),
    appup: advanced,
    interfere: killAt(
      (progress) => progress.kind === 'instruction' && progress.instruction.startsWith('{code_change'),
    ),
    says: [
      'FAILED install 2',
      'error node-ended: the node ended (SIGKILL) while release_handler carried out {code_change, up, [{f_server, []}]}, or the one after it, {resume, [f_server]}.',
      'at {code_change, up, [{f_server, []}]}',
      upgradeOfServer,
      ...ended,
      left,
    ],
  },
  {
    name: 'the node is killed before the version is permanent',
    v1: first,
    v2: second(),
    appup: advanced,
    interfere: killAt((progress) => progress.kind === 'step' && progress.step === 'make-permanent'),
    says: ['FAILED make 2 permanent', 'error node-ended: the node ended (SIGKILL).', ...ended, left],
  },
  {
    name: 'the base does not boot',
    v1: slowly(server('get/0', callbacks.replace('{ok, 1}', 'error(not_ready)') + '.')),
    v2: second(),
    appup: both('{load_module, f_server}'),
    says: [
      'FAILED boot 1',
      'error boot-failed: 1 does not boot: the node ended (exit code 1). The application f cannot start: its child f_server fails with not_ready.',
      'Afterwards an operator finds:',
      'the node has ended.',
      'A restart does not boot: 1 does not boot: the node ended (exit code 1). The application f cannot start: its child f_server fails with not_ready.',
      'Nothing is left on disk.',
    ],
  },
  {
    name: 'the new version does not boot',
    v1: first,
    v2: slowly(server('get/0', callbacks.replace('{ok, 1}', 'error(not_ready)') + '.')),
    appup: both('{load_module, f_server}'),
    says: [
      'FAILED restart into 2',
      'error boot-failed: 2 does not boot: the node ended (exit code 1). The application f cannot start: its child f_server fails with not_ready.',
      'Afterwards an operator finds:',
      'the node has ended.',
      'A restart does not boot: 2 does not boot: the node ended (exit code 1). The application f cannot start: its child f_server fails with not_ready.',
      left,
    ],
  },
  {
    name: 'the configuration of the new version is broken',
    v1: first,
    v2: second(),
    appup: both('{load_module, f_server}'),
    config: { v1: '{f, [{key, 1}]}', v2: '{f, [{key, 1]}' },
    says: [
      'FAILED restart into 2',
      "error boot-failed: 2 does not boot: the node ended (exit code 1). releases/2/sys.config:1 is no configuration: syntax error before: ']'.",
      'Afterwards an operator finds:',
      'the node has ended.',
      "A restart does not boot: 2 does not boot: the node ended (exit code 1). releases/2/sys.config:1 is no configuration: syntax error before: ']'.",
      left,
    ],
  },
  {
    name: 'a probe ends the node',
    v1: first,
    v2: second(),
    appup: both('{load_module, f_server}'),
    options: { probes: { upgraded: ['halt(3)'], during: ['f_server:get()'] } },
    says: [
      'FAILED install 2',
      'error node-ended: the node ended (exit code 3) when it was asked for the probe "halt(3)".',
      ...ended,
      left,
    ],
  },
  {
    name: 'a probe kills release_handler',
    v1: first,
    v2: second(),
    appup: both('{load_module, f_server}'),
    options: { probes: { before: ['exit(whereis(release_handler), kill)'], during: ['f_server:get()'] } },
    says: [
      'FAILED boot 1',
      'note supervisor-report: Supervisor: {local,sasl_sup}. Context: child_terminated. Reason: killed. Offender: id=release_handler,pid=<>.',
      'note supervisor-report: Supervisor: {local,sasl_sup}. Context: shutdown. Reason: reached_max_restart_intensity. Offender: id=release_handler,pid=<>.',
      'error node-ended: the node ended (exit code 1).',
      'Afterwards an operator finds:',
      'the node has ended.',
      expect.stringMatching(/^A restart boots 1 \(.*\); release_handler knows 1 permanent\.$/) as string,
      'Nothing is left on disk.',
    ],
  },
  {
    name: 'the log is flooded',
    v1: first,
    v2: second(),
    appup: both('{load_module, f_server}'),
    spoil: (file) => {
      truncateSync(file, 100);
    },
    options: {
      probes: {
        before: ['[logger:error("the same again") || _ <- lists:seq(1, 600)]'],
        during: ['f_server:get()'],
      },
    },
    says: [
      'FAILED boot 1',
      'note error-logged: the same again (500 times)',
      'error error-logged: more than 500 events at error level were logged since the node has booted: what was logged after them was not looked at.',
      'FAILED unpack live_2',
      'error step-failed: the package has no releases/live_2.rel: it is cut short, or no package of this release.',
      ...refusedPackage,
    ],
  },
  {
    name: 'the package is cut short',
    v1: first,
    v2: second(),
    appup: both('{load_module, f_server}'),
    spoil: (file) => truncateSync(file, Math.floor(readFileSync(file).length / 2)),
    says: [
      'FAILED unpack live_2',
      'error step-failed: the package has no releases/live_2.rel: it is cut short, or no package of this release.',
      ...refusedPackage,
    ],
  },
  {
    name: 'the package lacks an application',
    v1: first,
    v2: second(),
    appup: both('{load_module, f_server}'),
    spoil: (file, content) => pack(file, content, 'releases'),
    says: [
      'FAILED check 2',
      'error step-failed: a file or folder is missing: lib/f-2.',
      ...goesOnWithBase,
      'Left on disk, where a next try finds it: releases/2.',
    ],
  },
];

const release = builtReleases(faults.map(releaseOf));

describe.concurrent('a fault is told, and nothing is left behind', () => {
  test.each(faults)('$name', async (fault) => {
    const { rehearsal, report, leftBehind } = await rehearseFault(release(fault.name).built, fault);
    expect(report).toEqual(fault.races === true ? expect.arrayContaining([...fault.says]) : fault.says);
    expect(leftBehind).toEqual([]);
    expect(rehearsal.passed).toBe(false);
  });
});
