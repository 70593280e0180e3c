import { expect, it } from 'vitest';
import { changed, type LiteralFacts } from '../../test/releases/literal-facts';
import { appupOf, pairOf } from '../../test/releases/literal-upgrade';
import type { KeptFacts } from '../facts';
import { callbackModeChanged } from './callback-mode-changed';

function find(
  before: KeptFacts['callbackMode'],
  after: KeptFacts['callbackMode'],
  up = '{load_module,m}',
  down?: string,
): string[] {
  const statem = (callbackMode: KeptFacts['callbackMode']): LiteralFacts => ({
    behaviours: ['gen_statem'],
    details: { callbackMode },
  });
  const pair = pairOf({ modules: [changed('m', statem(before), statem(after))] });
  return callbackModeChanged(pair, appupOf(down === undefined ? { up } : { up, down })).map(
    ({ severity, code }) => `${severity} ${code}`,
  );
}

it('callback-mode-changed finds a mode that processes would not learn of', () => {
  const [one, other] = ['state_functions', 'handle_event_function'];
  expect(find(one, other)).toEqual(['error callback-mode-changed']);
  expect(find(one, other, '{update,m}')).toEqual(['error callback-mode-changed']);
  expect(find(one, other, '{update,m,{advanced,[]}}')).toEqual([]);
  expect(find(one, other, '{restart_application,x}')).toEqual([]);
  expect(find(one, one)).toEqual([]);
  expect(find({ unknown: 'no debug info' }, other)).toEqual([]);
});

it('callback-mode-changed finds that the newer code is asked on the way down', () => {
  const [one, other] = ['state_functions', '[state_functions,state_enter]'];
  const up = '{update,m,{advanced,[]}}';
  expect(find(one, other, up, up)).toEqual(['error callback-mode-changed']);
  expect(find(one, one, up, up)).toEqual([]);
  expect(
    find(one, other, up, '{update,m,static,default,{advanced,[]},brutal_purge,brutal_purge,[]}'),
  ).toEqual([]);
});
