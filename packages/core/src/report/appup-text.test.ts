import { expect, it } from 'vitest';
import type { Instruction, PlannedAppup, PlannedSection } from '../appup';
import { atom } from '../erlang';
import { formatAppups } from './appup-text';

it('shows each instruction in its order, and why it is there', () => {
  const appup: PlannedAppup = {
    application: 'x',
    version: '2',
    appup: { file: 'x.appup', version: '2', up: [], down: [] },
    stale: [],
    sections: [
      {
        direction: 'up',
        version: '1',
        origin: {
          kind: 'generated',
          instructions: [
            {
              instruction: { kind: 'add_module', module: 'm', dependencies: [] },
              reason: 'm is only in the version that is entered',
            },
          ],
        },
      },
      {
        direction: 'down',
        version: '1',
        origin: {
          kind: 'kept',
          file: 'rel/appups/x.appup',
          instructions: [{ kind: 'restart_application', application: 'x' }],
        },
      },
      { direction: 'up', version: '1.5', origin: { kind: 'generated', instructions: [] } },
    ],
  };
  expect(formatAppups([appup, { ...appup, application: 'y', sections: [] }])).toBe(`x 2
  up from 1
    {add_module, m}
      % m is only in the version that is entered
  down to 1 (as written in rel/appups/x.appup)
    {restart_application, x}
  up from 1.5
    no instructions
y 2`);
  expect(formatAppups([])).toBe('');
});

it('indents the further lines of an instruction that does not fit on one', () => {
  const args = [atom('Elixir.Some.Supervisor'), atom('Elixir.Some.Child.Of.It')];
  const instruction: Instruction = {
    kind: 'apply',
    call: { module: 'supervisor', function: 'terminate_child', args },
  };
  const section = (origin: PlannedSection['origin']): PlannedSection => ({
    direction: 'up',
    version: '1',
    origin,
  });
  const appup = {
    application: 'x',
    version: '2',
    appup: { file: 'x.appup', version: '2', up: [], down: [] },
    stale: [],
    sections: [
      section({ kind: 'generated', instructions: [{ instruction, reason: 'it goes' }] }),
      section({ kind: 'kept', file: 'x.appup', instructions: [instruction] }),
    ],
  };
  expect(formatAppups([appup])).toBe(`x 2
  up from 1
    {apply,
     {supervisor, terminate_child,
      ['Elixir.Some.Supervisor', 'Elixir.Some.Child.Of.It']}}
      % it goes
  up from 1 (as written in x.appup)
    {apply,
     {supervisor, terminate_child,
      ['Elixir.Some.Supervisor', 'Elixir.Some.Child.Of.It']}}`);
});
