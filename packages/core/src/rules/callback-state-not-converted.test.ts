import { describe, expect, it } from 'vitest';
import { changed, type LiteralFacts } from '../../test/releases/literal-facts';
import { appupOf, pairOf, server } from '../../test/releases/literal-upgrade';
import type { KeptFacts } from '../facts';
import { callbackStateNotConverted } from './callback-state-not-converted';

const records = (...fields: string[]): Partial<KeptFacts> => ({
  states: [{ record: 'conn' }],
  records: { conn: fields },
  usedRecords: ['conn'],
  struct: null,
});

function find(
  before: Partial<KeptFacts>,
  after: Partial<KeptFacts>,
  owner: LiteralFacts = server('pool'),
  up = '{load_module,m}',
): string[] {
  const module = (details: Partial<KeptFacts>): LiteralFacts => ({
    behaviours: ['pool'],
    exports: ['code_change/3'],
    details,
  });
  const pair = pairOf({
    modules: [changed('m', module(before), module(after))],
    unchanged: { pool: owner },
  });
  return callbackStateNotConverted(pair, appupOf({ up })).map(
    ({ severity, message }) => `${severity} ${message}`,
  );
}

describe('callback-state-not-converted', () => {
  it('finds a state in the process of another module that changed its shape', () => {
    expect(find(records('a'), records('a', 'b'))).toEqual([
      "error m is a callback module of pool, whose process keeps its state, and that state was #conn{a} and is #conn{a, b}: no code change reaches a state inside the state of another module's process, which would go on with the old one and crash.",
    ]);
  });

  it('suspects records that the functions use where init/1 does not show the state', () => {
    const hidden = (...fields: string[]): Partial<KeptFacts> => ({ ...records(...fields), states: [] });
    expect(find(hidden('a'), hidden('a', 'b'))).toEqual([
      expect.stringMatching(/^warning .*the fields of conn, which it may be made of, changed/),
    ]);
    expect(find(hidden('a'), hidden('a'))).toEqual([]);
  });

  it('is content where the shape is the same, the behaviour hands the code change on, or has no process', () => {
    expect(find(records('a'), records('a'))).toEqual([]);
    const handsOn = server('pool', { details: { callbacks: ['code_change/3', 'init/1'] } });
    expect(find(records('a'), records('b'), handsOn)).toEqual([]);
    expect(find(records('a'), records('b'), { details: { starts: [], lingers: [] } })).toEqual([]);
    expect(find(records('a'), records('b'), server('pool'), '{restart_application,x}')).toEqual([]);
  });
});
