import { describe, expect, it } from 'vitest';
import { changed, type LiteralFacts } from '../../test/releases/literal-facts';
import { appupOf, child, pairOf, supervisor as supervisorOf } from '../../test/releases/literal-upgrade';
import type { SupervisorFacts } from '../facts';
import { childrenChanged } from './children-changed';
import { unchangedSupervisors } from './unchanged-supervisors';

const update = '{update,m,supervisor}';

describe('children-changed', () => {
  it('gives the lines that start a new child, and on the way down stop it', () => {
    expect(find(['a'], ['a', 'b'], update)).toEqual([
      'error children-changed Write in x.appup, in the section up from "1": after the update {apply, {supervisor, restart_child, [m_sup, b]}}.',
    ]);
    expect(find(['a'], ['a', 'b'], update, 'down')).toEqual([
      'error children-changed Write in x.appup, in the section down to "1": before the update {apply, {supervisor, terminate_child, [m_sup, b]}}, {apply, {supervisor, delete_child, [m_sup, b]}}.',
    ]);
  });

  it('is content where the section has the instructions, where it restarts, and where nothing changed', () => {
    expect(find(['a'], ['b'], `${update},${stop('a')},${apply('restart_child', 'b')}`)).toEqual([]);
    expect(find([], ['b'], `${update},${apply('start_child', '#{id=>b,start=>{b,s,[]}}')}`)).toEqual([]);
    expect(find(['a'], ['b'], '{restart_application,x}')).toEqual([]);
    expect(find(['a'], ['a'], update)).toEqual([]);
    expect(find(['a'], [], `${update},${stop('b')}`)).toHaveLength(1);
  });

  it('says that an update re-reads nothing of inline children', () => {
    expect(find([], ['b'], '{load_module,m}', 'up', 'inline')[0]).toContain(
      '[m_sup, {b, {b, start_link, []}, permanent, 5000, worker, [b]}]}}. m hands its children to start_link, and an update re-reads nothing',
    );
  });

  it('says that it does not know', () => {
    const unknown = { behaviours: ['supervisor'], details: { supervisors: { unknown: 'no debug info' } } };
    expect(run(unknown, unknown, update, 'up')).toMatchObject([
      { code: 'children-unknown', severity: 'warning' },
    ]);
    const handing = { ...unknown, behaviours: [], calls: ['Elixir.Supervisor:start_link/2'] };
    expect(run(handing, handing, '{load_module,m}', 'up')).toMatchObject([{ code: 'children-unknown' }]);
    const other = { ...unknown, behaviours: [] };
    expect(run(other, other, '{load_module,m}', 'up')).toEqual([]);
  });

  it('writes words in capitals for what is computed, and says what to do without a name', () => {
    const computed = child('b', { args: { unknown: 'an argument' }, modules: 'dynamic' });
    const nameless = (children: SupervisorFacts['children']): LiteralFacts =>
      supervisorOf('m_sup', children, { kind: 'inline', name: null });
    const found = run(nameless([]), nameless([computed]), '{load_module,m}', 'up');
    expect(found.map(({ fix }) => fix).join()).toContain(
      '[NAME, {b, {b, start_link, ARGUMENTS}, permanent, 5000, worker, dynamic}]}}. The supervisor has no name, and an appup can address no pid: start it with a name',
    );
  });

  it('knows what Elixir’s Supervisor asks a module for', () => {
    const inline = (children: SupervisorFacts['children']): LiteralFacts =>
      supervisorOf('m_sup', children, { kind: 'inline' });
    const pair = pairOf({
      modules: [changed('m', inline([]), inline([{ childSpecOf: 'Elixir.A', arg: '[]' }]))],
      unchanged: { 'Elixir.A': { details: { childSpec: child('a') } } },
    });
    const found = (start: string): unknown[] =>
      childrenChanged(pair, appupOf({ up: `{apply,{'Elixir.Supervisor',start_child,[m_sup,${start}]}}` }));
    expect(found("{'Elixir.A', []}")).toEqual([]);
    expect(found("'Elixir.A'")).toEqual([]);
    expect(found("{'Elixir.B', []}")).toHaveLength(1);
  });

  it('takes supervisors of one function by their names, and of others without names says that it does not know', () => {
    const made = (more: Partial<SupervisorFacts>): SupervisorFacts => ({
      kind: 'inline',
      function: 'start/2',
      name: null,
      strategy: 'one_for_one',
      children: [],
      sideEffects: [],
      ...more,
    });
    const two = (one: Partial<SupervisorFacts>, other: Partial<SupervisorFacts>): LiteralFacts => ({
      details: { supervisors: [made(one), made(other)] },
    });
    const [a, b] = [
      { name: 'a', children: [child('c')] },
      { name: 'b', children: [child('d')] },
    ];
    expect(run(two(a, b), two(b, a), '{load_module,m}', 'up')).toEqual([]);
    const nameless = [
      { ...a, name: null },
      { ...b, name: null },
    ] as const;
    expect(run(two(...nameless), two(...nameless), '{load_module,m}', 'up')).toMatchObject([
      { code: 'children-unknown' },
      { code: 'children-unknown' },
    ]);
  });
});

describe('children-unknown', () => {
  const from = (children: SupervisorFacts['children']): LiteralFacts => ({
    ...supervisorOf('s', children, { sideEffects: ['conf:children/0', 'logger:info/1'] }),
    calls: ['conf:children/0'],
  });
  const find = (same: LiteralFacts, up: string): string[] =>
    unchangedSupervisors(pairOf({ modules: [changed('conf')], unchanged: { s: same } }), appupOf({ up })).map(
      ({ code, module, message }) => `${code} ${module ?? ''} ${message}`,
    );
  const unknown = { unknown: 'the result of conf:children/0' };

  it('is said of a supervisor that does not change, where what its init/1 calls does', () => {
    expect(find(from(unknown), '{load_module,conf}')).toEqual([
      'children-unknown s s did not change, but its init/1 calls conf, which did, and what it answers could not be found out: nobody has checked whether its children changed, and no instruction lets it read them again.',
    ]);
  });

  it('is not said where the children are known, or somebody lets it read them again', () => {
    expect(find(from([child('a')]), '{load_module,conf}')).toEqual([]);
    expect(find(from(unknown), '{load_module,conf},{update,s,supervisor}')).toEqual([]);
    expect(find(from(unknown), '{restart_application,x}')).toEqual([]);
  });
});

const apply = (name: string, what: string): string => `{apply,{supervisor,${name},[m_sup,${what}]}}`;
const stop = (id: string): string => `${apply('terminate_child', id)},${apply('delete_child', id)}`;

function supervisor(ids: readonly string[], kind: SupervisorFacts['kind']): LiteralFacts {
  return supervisorOf(
    'm_sup',
    ids.map((id) => child(id)),
    { kind },
  );
}

function find(
  before: readonly string[],
  after: readonly string[],
  instructions: string,
  direction: 'up' | 'down' = 'up',
  kind: SupervisorFacts['kind'] = 'callback',
): string[] {
  return run(supervisor(before, kind), supervisor(after, kind), instructions, direction).map(
    ({ severity, code, fix }) => `${severity} ${code} ${fix}`,
  );
}

function run(
  before: LiteralFacts,
  after: LiteralFacts,
  instructions: string,
  direction: 'up' | 'down',
): ReturnType<typeof childrenChanged> {
  const pair = pairOf({ modules: [changed('m', before, after)] });
  return childrenChanged(pair, appupOf({ [direction]: instructions }));
}
