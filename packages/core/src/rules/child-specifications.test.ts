import { describe, expect, it } from 'vitest';
import { changed, type LiteralFacts } from '../../test/releases/literal-facts';
import {
  appupOf,
  callbackModule,
  child,
  pairOf,
  server,
  supervisor,
} from '../../test/releases/literal-upgrade';
import type { ChildFacts, SupervisorFacts } from '../facts';
import { childSpecificationChanged } from './child-specification-changed';
import { childTypeWrong } from './child-type-wrong';

const update = { up: '{update,x_sup,supervisor}' };

describe('child-specification-changed', () => {
  const find = (
    before: ChildFacts,
    after: ChildFacts,
    kind: SupervisorFacts['kind'] = 'callback',
    more: Partial<SupervisorFacts> = {},
    up = update.up,
  ): string[] => {
    const of = (one: ChildFacts): LiteralFacts => supervisor('x_sup', [one], { kind, ...more });
    const pair = pairOf({ modules: [changed('x_sup', of(before), of(after))] });
    return childSpecificationChanged(pair, appupOf({ up })).map(
      ({ severity, message, fix }) => `${severity} ${message}${'strategy' in more ? ` ${fix}` : ''}`,
    );
  };

  it('is content where the child is stopped, and gives a pool no id to stop', () => {
    const later = child('w', { args: '[20]' });
    const stop = `{apply,{supervisor,terminate_child,[x_sup,w]}},${update.up}`;
    expect(find(child('w'), later, 'callback', {}, stop)).toEqual([]);
    expect(find(child('w'), later, 'callback', { strategy: 'simple_one_for_one' })[0]).toContain(
      'stop them by their pids',
    );
  });

  it('says what of which child counts later, and for children that were handed over never', () => {
    const later = child('w', { args: '[20]', shutdown: 'infinity' });
    expect(find(child('w', { args: '[10]' }), later)).toEqual([
      'info the specifications of w (start, shutdown) in x_sup changed: the children run on as they are, and the new specification counts when they are started the next time.',
    ]);
    expect(find(child('w'), later, 'inline')[0]).toMatch(/^warning .*no update re-reads/);
  });

  it('does not speak of what is the same, unknown, or another child', () => {
    expect(find(child('w'), child('w'))).toEqual([]);
    expect(find(child('w', { args: { unknown: 'computed' } }), child('w'))).toEqual([]);
    expect(find(child('w'), child('v'))).toEqual([]);
  });
});

describe('child-type-wrong', () => {
  const find = (below: ChildFacts, module: LiteralFacts): string[] => {
    const moduleName = typeof below.startModule === 'string' ? below.startModule : 'none';
    const pair = pairOf({
      mod: 'x_app',
      modules: [changed('m', server('m'))],
      unchanged: {
        x_app: callbackModule,
        x_sup: supervisor('x_sup', [below]),
        [moduleName]: module,
      },
    });
    return childTypeWrong(pair, appupOf({ up: '{update,m}' })).map(
      ({ severity, message }) => `${severity} ${message}`,
    );
  };

  it('finds a supervisor that says worker, where something below it changes', () => {
    expect(find(child('p_sup'), supervisor('p_sup', [child('m')]))).toEqual([
      'warning the child p_sup of x_sup is a supervisor and its specification does not say type => supervisor, so release_handler sees no process below it and would suspend none.',
    ]);
    expect(find(child('p_sup'), supervisor('p_sup', [child('other')]))).toEqual([]);
    expect(find(child('p_sup', { type: 'supervisor' }), supervisor('p_sup', [child('m')]))).toEqual([]);
  });

  it('finds a server that says supervisor, which is asked for children', () => {
    expect(find(child('w', { type: 'supervisor' }), server('w'))[0]).toMatch(
      /^error the child w of x_sup says/,
    );
    expect(find(child('w'), server('w'))).toEqual([]);
    // A special process may well answer as a supervisor does.
    const special: LiteralFacts = { exports: ['system_code_change/4'], details: server('w').details ?? {} };
    expect(find(child('w', { type: 'supervisor' }), special)).toEqual([]);
  });
});
