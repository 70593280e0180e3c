import { describe, expect, test } from 'vitest';
import { compareBoots } from './compare-boots';
import type { ChildShape, NodeShape, StateShape } from './node-shape';

const empty: NodeShape = { children: [], states: [], environment: [], tables: [], libraries: [] };

const child = (path: string, differing: Partial<ChildShape> = {}): ChildShape => ({
  application: 'shop',
  path,
  running: true,
  start: `${path}:start_link/0`,
  arguments: '[]',
  restart: 'permanent',
  shutdown: '5000',
  type: 'worker',
  modules: `[${path}]`,
  ...differing,
});

const state = (text: string, differing: Partial<StateShape> = {}): StateShape => ({
  application: 'shop',
  path: 'till',
  pid: '<0.100.0>',
  kind: 'record',
  name: 'state',
  text,
  ...differing,
});

const compare = (
  before: Partial<NodeShape>,
  upgraded: Partial<NodeShape>,
  booted: Partial<NodeShape>,
): string[] =>
  compareBoots({
    before: { ...empty, ...before },
    upgraded: { ...empty, ...upgraded },
    booted: { ...empty, ...booted },
    version: '2',
  }).map(({ severity, code, text }) => `${severity} ${code}: ${text}`);

describe('children', () => {
  const children = (...all: ChildShape[]): Partial<NodeShape> => ({ children: all });

  test('a new one that does not run was not started', () => {
    const expected = [
      'error process-missing: the child till of shop does not run after the upgrade, and does after a restart into 2: nothing has started it.',
    ];
    expect(compare({}, {}, children(child('till')))).toEqual(expected);
    expect(compare({}, children(child('till', { running: false })), children(child('till')))).toEqual(
      expected,
    );
  });

  test('a new one that may end by itself may have done so', () => {
    const [found] = compare({}, {}, children(child('till', { restart: 'temporary' })));
    expect(found).toMatch(/^note process-missing/);
  });

  test('one that ended in the version before, or that somebody starts meanwhile, is no matter of the appup', () => {
    expect(compare(children(child('till')), {}, children(child('till')))).toEqual([]);
    expect(compare({}, children(child('session')), {})).toEqual([]);
  });

  test('one that is gone from the version still runs', () => {
    expect(compare(children(child('till')), children(child('till')), {})).toEqual([
      'error process-left: the child till of shop still runs after the upgrade, and 2 does not have it.',
    ]);
  });

  test('the specification of the version before, kept by its supervisor', () => {
    const old = children(child('till'));
    const start = children(child('till', { start: 'till:start_link/1' }));
    expect(compare(old, old, start)).toEqual([
      'error child-specification-differs: the supervisor of the child till of shop still has the specification of the version before: start till:start_link/0, and not till:start_link/1.',
    ]);
    const [found] = compare(old, old, children(child('till', { shutdown: 'infinity' })));
    expect(found).toMatch(/^note child-specification-differs/);
    expect(compare(old, start, start)).toEqual([]);
    // What is neither is another value on each node.
    const random = (value: string): Partial<NodeShape> => children(child('till', { arguments: value }));
    expect(compare(random('[1]'), random('[2]'), random('[3]'))).toEqual([]);
  });
});

describe('states', () => {
  const states = (one: StateShape): Partial<NodeShape> => ({ states: [one] });
  const two = states(state('a tuple of 2 elements'));
  const three = states(state('a tuple of 3 elements'));

  test('the same record with the fields of the version before', () => {
    expect(compare(two, two, three)).toEqual([
      'error state-differs: the state of till of shop was not converted: it is a tuple of 2 elements as before, and after a restart into 2 a tuple of 3 elements.',
    ]);
    expect(compare(two, three, three)).toEqual([]);
  });

  test('another kind of term may be another state of the same process', () => {
    const [found] = compare(two, two, states(state('a map', { kind: 'other', name: '' })));
    expect(found).toMatch(/^note state-differs/);
    const [renamed] = compare(two, two, states(state('a tuple of 2 elements, busy', { name: 'busy' })));
    expect(renamed).toMatch(/^note state-differs/);
  });

  test('the flags of a supervisor', () => {
    const flags = (text: string): Partial<NodeShape> => states(state(text, { kind: 'supervisor', name: '' }));
    expect(compare(flags('1 restarts'), flags('1 restarts'), flags('9 restarts'))).toEqual([
      'note supervisor-differs: the supervisor till of shop goes on with the flags of the version before: 1 restarts, and not 9 restarts.',
    ]);
  });
});

describe('environment and tables', () => {
  const environment = (value?: string): Partial<NodeShape> => ({
    environment: value === undefined ? [] : [{ application: 'shop', key: 'port', value }],
  });

  test('a value that is the same in both versions, and lost or another in between', () => {
    expect(compare(environment('80'), environment(), environment('80'))).toEqual([
      'error environment-differs: the environment of shop has no value for port after the upgrade; before it, and after a restart into 2, 80.',
    ]);
    expect(compare(environment('80'), environment('"${PORT}"'), environment('80'))).toEqual([
      'error environment-differs: the environment of shop has "${PORT}" for port after the upgrade; before it, and after a restart into 2, 80.',
    ]);
  });

  test('a value that is another each time says nothing', () => {
    expect(compare(environment('1'), environment('2'), environment('3'))).toEqual([]);
    expect(compare(environment(), environment(), environment('80'))).toEqual([]);
  });

  test('a named table that only a restart makes', () => {
    const tables: Partial<NodeShape> = { tables: [{ application: 'shop', name: 'prices' }] };
    expect(compare({}, {}, tables)).toEqual([
      'error table-missing: the ets table prices of shop is not there after the upgrade, and is after a restart into 2.',
    ]);
    expect(compare(tables, {}, tables)).toEqual([]);
    expect(compare({}, tables, tables)).toEqual([]);
  });
});
