import type { Scenario } from '../../support/live/scenario.js';
import { application, functional, server } from '../../support/live/sources.js';

/** Functions and modules that move, and the calls that follow them. */
export const moves: readonly Scenario[] = [
  {
    name: 'function moves to another module',
    promise: 'the function is in one of the two modules whenever it is called',
    applications: [
      application(
        'mf',
        {
          mf_m_caller: functional('run/0', 'run() -> mf_z_home:format(1) + mf_a_home:kept().'),
          mf_a_home: functional('kept/0', 'kept() -> 0.'),
          mf_z_home: functional('format/1, kept/0', 'format(X) -> X.\nkept() -> 0.'),
        },
        {
          mf_m_caller: functional('run/0', 'run() -> mf_a_home:format(1) + mf_z_home:kept().'),
          mf_a_home: functional('format/1, kept/0', 'format(X) -> X * 2.\nkept() -> 0.'),
          mf_z_home: functional('kept/0', 'kept() -> 0.'),
        },
      ),
    ],
    load: ['true = is_integer(mf_m_caller:run())'],
    up: ['2 = mf_m_caller:run()'],
    down: ['1 = mf_m_caller:run()'],
  },
  {
    name: 'function moves to another application',
    promise: 'a caller between two libraries finds the function in one of them, in both directions',
    applications: [
      application(
        'xa',
        { xa: functional('format/1, kept/0', 'format(X) -> X.\nkept() -> 0.') },
        { xa: functional('kept/0', 'kept() -> 0.') },
      ),
      application(
        'xb',
        { xb: functional('run/0', 'run() -> xa:format(1).') },
        { xb: functional('run/0', 'run() -> xc:format(1).') },
        { needs: ['xa'] },
      ),
      application(
        'xc',
        { xc: functional('kept/0', 'kept() -> 0.') },
        { xc: functional('format/1, kept/0', 'format(X) -> X * 2.\nkept() -> 0.') },
      ),
    ],
    load: ['true = is_integer(xb:run())'],
    up: ['2 = xb:run()'],
    down: ['1 = xb:run()'],
  },
  {
    name: 'three applications in a chain',
    promise: 'each finds the new function of the next, in both directions',
    applications: [
      application(
        'ta',
        { ta: functional('base/0', 'base() -> 1.') },
        { ta: functional('base/0, more/0', 'base() -> 1.\nmore() -> 2.') },
      ),
      application(
        'tb',
        { tb: functional('base/0', 'base() -> ta:base().') },
        { tb: functional('base/0, more/0', 'base() -> ta:base().\nmore() -> ta:more().') },
        { needs: ['ta'] },
      ),
      application(
        'tc',
        { tc: functional('run/0', 'run() -> tb:base().') },
        { tc: functional('run/0', 'run() -> tb:more().') },
        { needs: ['tb'] },
      ),
    ],
    load: ['true = is_integer(tc:run())'],
    up: ['2 = tc:run()'],
    down: ['1 = tc:run()'],
  },
  {
    name: 'a module that comes back on the way down',
    promise: 'a group that has it on the way down loads it before its caller',
    applications: [
      application(
        'cb',
        {
          cb_server: server(
            'run/0',
            `init([]) -> {ok, 0}.
run() -> gen_server:call(?MODULE, run).
handle_call(run, _, N) -> {reply, cb_gone:old(N), N}.
code_change(_, N, _) -> {ok, N}.`,
          ),
          cb_gone: functional('old/1', 'old(N) -> cb_other:old(N).'),
          cb_other: functional('old/1', 'old(N) -> N.'),
        },
        {
          cb_server: server(
            'run/0',
            `init([]) -> {ok, 0}.
run() -> gen_server:call(?MODULE, run).
handle_call(run, _, N) -> {reply, cb_other:new(N), N}.
code_change(_, N, _) -> {ok, N}.`,
          ),
          cb_other: functional('new/1', 'new(N) -> N + 1.'),
        },
        { children: ['cb_server'] },
      ),
    ],
    load: ['true = is_integer(cb_server:run())'],
    up: ['1 = cb_server:run()'],
    down: ['0 = cb_server:run()'],
  },
  {
    name: 'module moves to another application',
    promise: 'it is loaded from the application that has it now',
    applications: [
      application(
        'ma',
        { ma: functional('run/0', 'run() -> ma_moved:run().'), ma_moved: functional('run/0', 'run() -> 1.') },
        { ma: functional('run/0', 'run() -> ma_moved:run() + 0.') },
      ),
      application(
        'mb',
        { mb: functional('run/0', 'run() -> 1.') },
        { mb: functional('run/0', 'run() -> 1 + 0.'), ma_moved: functional('run/0', 'run() -> 2.') },
      ),
    ],
    load: ['true = is_integer(ma:run())'],
    up: ['2 = ma:run()'],
    down: ['1 = ma:run()'],
  },
];
