import { describe, expect, it } from 'vitest';
import { changed, type LiteralFacts } from '../../test/releases/literal-facts';
import { parseInstruction, type PlannedAppup } from '../appup';
import type { ApplicationDiff, ModuleDiff } from '../diff';
import { readFirstTerm } from '../erlang';
import type { CodeChange } from '../facts';
import { stateNotConverted } from './state-not-converted';

describe('state-not-converted', () => {
  it('finds a record with other fields that nothing converts', () => {
    expect(find(server(['value']), server(['value', 'history'], 'trivial'))).toEqual([
      'warning state-not-converted m: the state of m was #state{value} and is #state{value, history}, but code_change/3 keeps it as it is, so its processes go on with a state that the new code does not expect.',
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
      'warning state-not-converted m: the state of m was #state{a} and is #state{a, b}, but the instructions up from "1" of x.appup load its code without a code change, so code_change/3 is never called.',
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

  it('says that it does not know where one side was stripped, and does not call that unchanged', () => {
    const stripped: LiteralFacts = { ...server([]), details: { states: { unknown: 'no debug info' } } };
    expect(find(stripped, server(['a'], 'trivial'))).toEqual([
      'info state-unknown m: what the processes of m keep could not be found out (no debug info), so nobody has checked whether its shape changed.',
    ]);
  });

  it('names the records that changed where it does not know which of them a process keeps', () => {
    const special = (fields: readonly string[], codeChange: CodeChange): LiteralFacts => ({
      exports: ['system_continue/3', 'system_code_change/4'],
      details: {
        states: [],
        records: { state: fields, same: ['a'] },
        usedRecords: ['same', 'state'],
        codeChange: { 'system_code_change/4': codeChange },
      },
    });
    expect(find(special(['a'], 'trivial'), special(['a', 'b'], 'trivial'))).toEqual([
      'warning state-unknown m: what the processes of m keep could not be found out (init/1 does not show it), but #state{a} is #state{a, b} now, and system_code_change/4 keeps what it gets: processes that keep it go on with what the new code does not expect.',
    ]);
    expect(find(special(['a'], 'trivial'), special(['a'], 'trivial'))[0]).toMatch(/^info /);
    expect(find(special(['a'], 'trivial'), special(['a', 'b'], 'converts'))[0]).toMatch(/^info /);
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
  const modules: ModuleDiff[] = [changed('m', previous, next)];
  const application = { name: 'x', previous: { version: '1' }, next: { version: '2' }, modules };
  const instructions = [parseInstruction(readFirstTerm(`${instruction}.`, 'x').term)];
  const sections = [
    { direction: 'up', version: '1', origin: { kind: 'kept', file: 'x.appup', instructions } },
  ];
  const appup = { sections } as unknown as PlannedAppup;
  return stateNotConverted(application as unknown as ApplicationDiff, appup).map(
    ({ severity, code, module, message }) => `${severity} ${code} ${module ?? ''}: ${message}`,
  );
}
