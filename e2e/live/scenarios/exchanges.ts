import type { Scenario } from '../../support/live/scenario.js';
import { application, asks, functional } from '../../support/live/sources.js';

/** Functions that are exchanged for others, so that neither order of the modules serves. */
export const exchanges: readonly Scenario[] = [
  {
    name: 'exchange between applications',
    promise: 'a server waits while the library of another application exchanges the function it calls',
    applications: [
      application(
        'ea',
        { ea: functional('old/1', 'old(N) -> N.') },
        { ea: functional('new/1', 'new(N) -> N + 1.') },
      ),
      application(
        'eb',
        { eb_server: asks('ea:old(N)') },
        { eb_server: asks('ea:new(N)') },
        { children: ['eb_server'], needs: ['ea'] },
      ),
    ],
    load: ['true = is_integer(eb_server:ask())'],
    up: ['2 = eb_server:ask()'],
    down: ['1 = eb_server:ask()'],
  },
  {
    name: 'two servers with one library',
    promise: 'both wait while the function that they call is exchanged',
    applications: [
      application(
        'tl',
        {
          tl_a: asks('tl_lib:old(N)'),
          tl_z: asks('tl_lib:old(N)'),
          tl_lib: functional('old/1', 'old(N) -> N.'),
        },
        {
          tl_a: asks('tl_lib:new(N)'),
          tl_z: asks('tl_lib:new(N)'),
          tl_lib: functional('new/1', 'new(N) -> N + 1.'),
        },
        { children: ['tl_a', 'tl_z'] },
      ),
    ],
    load: ['true = is_integer(tl_a:ask())', 'true = is_integer(tl_z:ask())'],
    up: ['2 = tl_a:ask(), 2 = tl_z:ask()'],
    down: ['1 = tl_a:ask(), 1 = tl_z:ask()'],
  },
  {
    name: 'exchange behind a module without processes',
    promise: 'the server waits that reaches the exchanged function through another module',
    applications: [
      application(
        'ex',
        {
          ex_server: asks('ex_middle:run(N)', 'code_change(_, N, _) -> {ok, N}.'),
          ex_middle: functional('run/1', 'run(N) -> ex_lib:old(N).'),
          ex_lib: functional('old/1', 'old(N) -> N.'),
        },
        {
          ex_server: asks('ex_middle:run(N) + 0', 'code_change(_, N, _) -> {ok, N}.'),
          ex_middle: functional('run/1', 'run(N) -> ex_lib:new(N).'),
          ex_lib: functional('new/1', 'new(N) -> N + 1.'),
        },
        { children: ['ex_server'] },
      ),
    ],
    load: ['true = is_integer(ex_server:ask())'],
    up: ['2 = ex_server:ask()'],
    down: ['1 = ex_server:ask()'],
  },
  {
    name: 'exchange behind an unchanged server',
    promise: 'a server waits that did not change itself, but reaches what is exchanged',
    applications: [
      application(
        'eu',
        {
          eu_server: asks('eu_middle:run(N)'),
          eu_middle: functional('run/1', 'run(N) -> eu_lib:old(N).'),
          eu_lib: functional('old/1', 'old(N) -> N.'),
        },
        {
          eu_server: asks('eu_middle:run(N)'),
          eu_middle: functional('run/1', 'run(N) -> eu_lib:new(N).'),
          eu_lib: functional('new/1', 'new(N) -> N + 1.'),
        },
        { children: ['eu_server'] },
      ),
    ],
    load: ['true = is_integer(eu_server:ask())'],
    up: ['2 = eu_server:ask()'],
    down: ['1 = eu_server:ask()'],
  },
];
