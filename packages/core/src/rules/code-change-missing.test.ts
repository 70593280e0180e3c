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
import { codeChangeMissing } from './code-change-missing';

const without: LiteralFacts = server('m', { exports: ['start_link/0'] });
const advanced = '{update,m,{advanced,[]}}';

function find(
  before: LiteralFacts,
  after: LiteralFacts,
  appup: { readonly up?: string; readonly down?: string },
  unchanged: Readonly<Record<string, LiteralFacts>> = {},
): string[] {
  const pair = pairOf({ modules: [changed('m', before, after)], unchanged, mod: 'x_app' });
  return codeChangeMissing(pair, appupOf(appup)).map(({ severity, message }) => `${severity} ${message}`);
}

describe('code-change-missing', () => {
  it('finds an advanced update of a server that has no code_change/3', () => {
    expect(find(server('m'), without, { up: advanced })).toEqual([
      'error the instructions up from "1" of x.appup call the code change of m, and m exports no code_change/3: the call would fail, and the node would restart in the middle of the upgrade.',
    ]);
    expect(find(without, without, { up: '{update,m}' })).toEqual([]);
    expect(find(without, without, { up: '{load_module,m}' })).toEqual([]);
  });

  it('looks at the newer release both ways where the module is dynamic, at the older downwards where it is static', () => {
    expect(find(without, server('m'), { up: advanced, down: advanced })).toEqual([]);
    const fixed = '{update,m,static,default,{advanced,[]},brutal_purge,brutal_purge,[]}';
    expect(find(without, server('m'), { up: fixed, down: fixed })).toHaveLength(1);
    expect(find(server('m'), without, { down: advanced })).toHaveLength(1);
  });

  it('follows low-level instructions: before a load the code that is left runs, after it the one that is entered', () => {
    const change = '{suspend,[m]},{code_change,[{m,[]}]}';
    const load = '{load,{m,brutal_purge,brutal_purge}}';
    expect(find(without, server('m'), { up: `${change},${load}` })).toHaveLength(1);
    expect(find(without, server('m'), { up: `{suspend,[m]},${load},{code_change,[{m,[]}]}` })).toEqual([]);
  });

  it('knows the function of each behaviour, and that supervisors have one', () => {
    const statem = (exports: string[]): LiteralFacts => ({ behaviours: ['gen_statem'], exports });
    expect(find(statem([]), statem(['code_change/3']), { up: advanced })[0]).toContain('no code_change/4');
    expect(find(statem([]), statem(['code_change/4']), { up: advanced })).toEqual([]);
    expect(find(supervisor('m', []), supervisor('m', []), { up: '{update,m,supervisor}' })).toEqual([]);
    expect(find({}, {}, { up: advanced })).toHaveLength(1);
    expect(find({}, { exports: ['system_code_change/4'] }, { up: advanced })).toEqual([]);
  });

  it('asks the behaviour where the module has one of its own, and says when it does not know', () => {
    const custom: LiteralFacts = { behaviours: ['b'] };
    expect(find(custom, custom, { up: advanced }, { b: server('b') })).toEqual([]);
    expect(find(custom, custom, { up: advanced }, { b: {} })[0]).toMatch(/^error /);
    expect(find(custom, custom, { up: advanced })[0]).toMatch(
      /^warning .*whether the process that is called does without could not be found out/,
    );
  });

  it('looks at the module that the process runs, where the specification names another', () => {
    const api: LiteralFacts = {
      details: {
        supervisors: [],
        starts: [{ starter: 'gen_server:start_link/3', module: 'w', function: 'start_link/0' }],
      },
    };
    const around = (w: LiteralFacts): Record<string, LiteralFacts> => ({
      x_app: callbackModule,
      x_sup: supervisor('x_sup', [child('m')]),
      w,
    });
    expect(find(api, api, { up: advanced }, around(server('w')))).toEqual([]);
    expect(find(api, api, { up: advanced }, around(server('w', { exports: [] })))[0]).toContain(
      'the code change of m, and w exports no code_change/3',
    );
  });

  it('is not sure where nobody could follow what a child starts', () => {
    const around = { x_app: callbackModule, x_sup: supervisor('x_sup', [child('m')]) };
    const hidden: LiteralFacts = { details: { supervisors: [], starts: { unknown: 'computed' } } };
    expect(find(hidden, hidden, { up: advanced }, around)[0]).toMatch(/^warning /);
    const handing: LiteralFacts = {
      details: { supervisors: [], starts: [], handsOn: { 'start_link/0': 'w:start_link/0' } },
    };
    expect(find(handing, handing, { up: advanced }, { ...around, w: server('w') })).toEqual([]);
  });

  it('leaves what it cannot look into: modules of OTP, and beams without attributes', () => {
    expect(find({}, {}, { up: '{update,lists,{advanced,[]}}' })).toEqual([]);
    expect(find({ stripped: true }, { stripped: true }, { up: advanced })).toEqual([]);
  });
});
