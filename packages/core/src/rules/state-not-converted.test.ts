import { describe, expect, it } from 'vitest';
import { changed, type LiteralFacts } from '../../test/releases/literal-facts';
import { appupOf, child, pairOf, supervisor } from '../../test/releases/literal-upgrade';
import type { CodeChange } from '../facts';
import { stateNotConverted } from './state-not-converted';

describe('state-not-converted', () => {
  it('finds a record with other fields that nothing converts', () => {
    expect(find(server(['value']), server(['value', 'history'], 'trivial'))).toEqual([
      'error state-not-converted m: the state of m was #state{value} and is #state{value, history}, but code_change/3 keeps it as it is, so its processes go on with a state that the new code does not expect.',
    ]);
    expect(find(server(['value']), { ...server(['value', 'history']), exports: [] })[0]).toContain(
      'but there is no code_change/3, so',
    );
  });

  it.each(['default', 'trivial', 'effects'] as const)(
    'does not take a code_change that is %s for a conversion',
    (kind) => {
      expect(find(server(['a']), server(['b'], kind))).toHaveLength(1);
    },
  );

  it('is content with a conversion, and with a state of the same shape', () => {
    expect(find(server(['a']), server(['a', 'b'], 'converts'))).toEqual([]);
    expect(find(server(['a']), server(['a'], 'trivial'))).toEqual([]);
  });

  it.each(['{load_module,m}', '{update,m}'])('finds that %s never calls the conversion', (instruction) => {
    expect(find(server(['a']), server(['a', 'b']), instruction)).toEqual([
      'error state-not-converted m: the state of m was #state{a} and is #state{a, b}, but the instructions up from "1" of x.appup load its code without a code change, so code_change/3 is never called.',
    ]);
    expect(find(server(['a']), server(['a']), instruction)).toEqual([]);
    expect(find(server(['a']), server(['a', 'b']), '{restart_application,x}')).toEqual([]);
  });

  it('compares maps by their keys', () => {
    const map = (...keys: string[]): LiteralFacts => ({
      ...server([], 'default'),
      details: { states: [{ map: keys, open: false }], codeChange: { 'code_change/3': 'default' } },
    });
    expect(find(map('port'), map('port'))).toEqual([]);
    expect(find(map('port'), map('host', 'port'))[0]).toContain('was #{port} and is #{host, port}');
  });

  it('only warns where the newer code still starts with the older shape: a downgrade may meet the others', () => {
    const starting = (...states: string[][]): LiteralFacts => ({
      ...server([], 'default'),
      exports: [],
      details: { states: states.map((keys) => ({ map: keys, open: false })), codeChange: {} },
    });
    expect(find(starting(['a']), starting(['a'], ['a', 'b']))).toEqual([
      'warning state-not-converted m: the state of m was #{a} and is #{a, b} or #{a}; 2 still starts with what 1 has, but there is no code_change/3, so a process that has another state by then takes it back to 1, which does not expect it.',
    ]);
    expect(find(starting(['a'], ['a', 'b']), starting(['a']))[0]).toMatch(/^error/);
  });

  it('warns of records that a state of the same shape may hold', () => {
    const holding = (fields: readonly string[], codeChange: CodeChange): LiteralFacts => ({
      ...server([]),
      details: {
        states: [{ record: 'state' }],
        records: { state: ['requests'], request: fields },
        usedRecords: ['request', 'state'],
        codeChange: { 'code_change/3': codeChange },
      },
    });
    expect(find(holding(['id'], 'trivial'), holding(['id', 'since'], 'trivial'))).toEqual([
      'warning state-not-converted m: the state of m may hold #request{}, whose fields changed, and code_change/3 keeps it as it is: records that the older code made would not match any more.',
    ]);
    expect(find(holding(['id'], 'trivial'), holding(['id', 'since'], 'converts'))).toEqual([]);
    expect(find(holding(['id'], 'trivial'), holding(['id'], 'trivial'))).toEqual([]);
  });

  it('finds the function of a state that is gone', () => {
    const machine = (state: string, codeChange: CodeChange | undefined, ...more: string[]): LiteralFacts => ({
      behaviours: ['gen_statem'],
      exports: [state, ...more, ...(codeChange === undefined ? [] : ['code_change/4'])],
      details: {
        states: [{ type: 'number' }],
        callbackMode: '[state_functions, state_enter]',
        codeChange: codeChange === undefined ? {} : { 'code_change/4': codeChange },
      },
    });
    expect(find(machine('idle/3', undefined), machine('waiting/3', undefined))).toEqual([
      'error state-not-converted m: the state of m may be one whose function is gone: idle/3, up from "1" of x.appup, and nothing converts it, so that its next event ends in undef.',
    ]);
    expect(find(machine('idle/3', 'converts'), machine('waiting/3', 'converts'))).toEqual([]);
    expect(find(machine('idle/3', undefined), machine('idle/3', undefined, 'waiting/3'))).toEqual([]);
  });

  it('says that it does not know where one side was stripped, and does not call that unchanged', () => {
    const stripped: LiteralFacts = { ...server([]), details: { states: { unknown: 'no debug info' } } };
    expect(find(stripped, server(['a'], 'trivial'))).toEqual([
      'info state-unknown m: what the processes of m keep could not be found out (no debug info), so nobody has checked whether its shape changed.',
    ]);
  });

  it('knows that a process is converted by the name that its child specification has', () => {
    const starts = [{ starter: 'gen_server:start_link/3', module: 'm', function: 'start_link/0' }];
    const loop = (...fields: string[]): LiteralFacts => {
      const literal = server(fields, 'converts');
      return { ...literal, details: { ...literal.details, starts } };
    };
    const found = (up: string): string[] =>
      stateNotConverted(
        pairOf({
          modules: [changed('m', loop('a'), loop('a', 'b'))],
          unchanged: {
            x_sup: supervisor('x_sup', [child('jobs')]),
            jobs: { details: { starts: [], handsOn: { 'start_link/0': 'm:start_link/0' } } },
          },
        }),
        appupOf({ up }),
      ).map(({ code }) => code);
    const load = '{load_module,m,soft_purge,soft_purge,[]}';
    expect(found(`{update,jobs,{advanced,[]},[m]},${load}`)).toEqual([]);
    expect(found(`{update,jobs,{advanced,[]}},${load}`)).toEqual(['state-not-converted']);
    expect(found(`{update,jobs,[m]},${load}`)).toEqual(['state-not-converted']);
    expect(found(`{update,other,{advanced,[]},[m]},${load}`)).toEqual(['state-not-converted']);
  });

  it('knows the struct of another module, on both sides', () => {
    const keeper = (conversion: CodeChange): LiteralFacts => ({
      ...server([], conversion),
      details: {
        states: [{ struct: 'Elixir.State' }],
        struct: null,
        codeChange: { 'code_change/3': conversion },
      },
    });
    const found = (before: readonly string[], after: readonly string[], conversion: CodeChange): string[] =>
      stateNotConverted(
        pairOf({
          modules: [
            changed('m', keeper(conversion), keeper(conversion)),
            changed(
              'Elixir.State',
              { details: { states: [], struct: before } },
              { details: { states: [], struct: after } },
            ),
          ],
        }),
        appupOf({ up: "{load_module,'Elixir.State'},{update,m,{advanced,[]}}" }),
      ).map(({ severity, message }) => `${severity} ${message}`);
    expect(found(['a'], ['a', 'b'], 'default')).toEqual([
      'error the state of m was %Elixir.State{a} and is %Elixir.State{a, b}, but code_change/3 keeps it as it is, so its processes go on with a state that the new code does not expect.',
    ]);
    expect(found(['a'], ['a', 'b'], 'converts')).toEqual([]);
    expect(found(['a'], ['a'], 'default')).toEqual([]);
  });

  it('says once what it does not know of many for the same reason', () => {
    const stripped: LiteralFacts = { ...server([]), details: { states: { unknown: 'no debug info' } } };
    const modules = ['a', 'b', 'c'].map((name) => changed(name, stripped, stripped));
    const up = '{load_module,a},{load_module,b},{load_module,c}';
    expect(stateNotConverted(pairOf({ modules }), appupOf({ up })).map(({ message }) => message)).toEqual([
      'what the processes of a, b and c keep could not be found out (no debug info), so nobody has checked whether its shape changed.',
    ]);
  });

  it('suspects a special process whose record changed, as nothing shows its state', () => {
    const special = (...fields: string[]): LiteralFacts => ({
      exports: ['system_code_change/4'],
      details: {
        states: [],
        records: { loop: fields, other: ['a'] },
        struct: null,
        usedRecords: ['loop', 'other'],
        codeChange: { 'system_code_change/4': 'trivial' },
      },
    });
    expect(find(special('a'), special('a', 'b'))).toEqual([
      'error state-not-converted m: the state of m may be made of loop, whose fields changed, but system_code_change/4 keeps it as it is, so its processes go on with a state that the new code does not expect.',
    ]);
    expect(find(special('a'), special('a'))[0]).toContain('info state-unknown');
  });

  it('does not look at an application whose processes are all started anew', () => {
    expect(find(server(['a']), server(['b'], 'trivial'), '{restart_application,x}')).toEqual([]);
  });

  it('has nothing to say of a module without a process', () => {
    expect(find({}, { details: {} })).toEqual([]);
  });
});

function server(fields: readonly string[], codeChange: CodeChange = 'converts'): LiteralFacts {
  return {
    behaviours: ['gen_server'],
    exports: ['code_change/3'],
    details: {
      states: [{ record: 'state' }],
      records: { state: fields },
      codeChange: { 'code_change/3': codeChange },
    },
  };
}

function find(
  previous: LiteralFacts,
  next: LiteralFacts,
  instruction = '{update,m,{advanced,[]}}',
): string[] {
  const pair = pairOf({ modules: [changed('m', previous, next)] });
  return stateNotConverted(pair, appupOf({ up: instruction })).map(
    ({ severity, code, module, message }) => `${severity} ${code} ${module ?? ''}: ${message}`,
  );
}
