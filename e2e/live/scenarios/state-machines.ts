import type { Scenario } from '../../support/live/scenario.js';
import { application, statem } from '../../support/live/sources.js';

/** Processes of gen_statem: their state is two things, and the callback mode is a third. */
export const stateMachines: readonly Scenario[] = [
  {
    name: 'gen_statem',
    promise: 'state and data are converted together, and back',
    applications: [
      application(
        'gs',
        {
          gs_door: statem(
            'push/0, opened/3, closed/3',
            `callback_mode() -> state_functions.
init([]) -> {ok, closed, 0}.
push() -> gen_statem:call(?MODULE, push).
closed({call, From}, push, N) -> {next_state, opened, N + 1, [{reply, From, opened}]}.
opened({call, From}, push, N) -> {next_state, closed, N, [{reply, From, closed}]}.`,
          ),
        },
        {
          gs_door: statem(
            'push/0, open/3, shut/3, code_change/4',
            `callback_mode() -> state_functions.
init([]) -> {ok, shut, #{pushes => 0}}.
push() -> gen_statem:call(?MODULE, push).
shut({call, From}, push, #{pushes := N} = Data) ->
  {next_state, open, Data#{pushes := N + 1}, [{reply, From, opened}]}.
open({call, From}, push, Data) -> {next_state, shut, Data, [{reply, From, closed}]}.
code_change({down, _}, open, #{pushes := N}, _) -> {ok, opened, N};
code_change({down, _}, shut, #{pushes := N}, _) -> {ok, closed, N};
code_change(_, opened, N, _) -> {ok, open, #{pushes => N}};
code_change(_, closed, N, _) -> {ok, shut, #{pushes => N}}.`,
          ),
        },
        { children: ['gs_door'] },
      ),
    ],
    load: ['true = is_atom(gs_door:push())'],
    prepare: ['sys:replace_state(gs_door, fun({S, _}) -> {S, 1000000} end)'],
    up: ['{_, #{pushes := N}} = sys:get_state(gs_door), true = N > 1000000'],
    down: ['{_, N} = sys:get_state(gs_door), true = N > 1000000'],
  },
  {
    name: 'gen_statem callback mode',
    promise:
      'the callback mode changes with the state, also on the way down, where gen_statem asks the newer code for it',
    applications: [
      application(
        'gm',
        {
          gm_door: statem(
            'push/0, opened/3, closed/3, code_change/4',
            `callback_mode() -> state_functions.
init([]) -> {ok, closed, 0}.
push() -> gen_statem:call(?MODULE, push).
closed({call, From}, push, N) -> {next_state, opened, N + 1, [{reply, From, opened}]}.
opened({call, From}, push, N) -> {next_state, closed, N, [{reply, From, closed}]}.
code_change(_, State, Data, _) -> {ok, State, Data}.`,
          ),
        },
        {
          gm_door: statem(
            'push/0, handle_event/4, code_change/4',
            `callback_mode() -> handle_event_function.
init([]) -> {ok, {door, closed}, #{pushes => 0}}.
push() -> gen_statem:call(?MODULE, push).
handle_event({call, From}, push, {door, closed}, #{pushes := N} = Data) ->
  {next_state, {door, opened}, Data#{pushes := N + 1}, [{reply, From, opened}]};
handle_event({call, From}, push, {door, opened}, Data) ->
  {next_state, {door, closed}, Data, [{reply, From, closed}]}.
code_change({down, _}, {door, State}, #{pushes := N}, _) -> {ok, State, N};
code_change(_, State, N, _) -> {ok, {door, State}, #{pushes => N}}.`,
          ),
        },
        { children: ['gm_door'] },
      ),
    ],
    load: ['true = is_atom(gm_door:push())'],
    prepare: ['sys:replace_state(gm_door, fun({S, _}) -> {S, 1000000} end)'],
    up: ['{{door, _}, #{pushes := N}} = sys:get_state(gm_door), true = N > 1000000'],
    down: ['{_, N} = sys:get_state(gm_door), true = N > 1000000'],
  },
];
