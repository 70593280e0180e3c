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
      '[m_sup, the specification of b]}}. m hands its children to start_link, and an update re-reads nothing',
    );
  });

  it('says that it does not know', () => {
    const unknown = { behaviours: ['supervisor'], details: { supervisors: { unknown: 'no debug info' } } };
    expect(run(unknown, unknown, update, 'up')).toMatchObject([
      { code: 'children-unknown', severity: 'warning' },
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
