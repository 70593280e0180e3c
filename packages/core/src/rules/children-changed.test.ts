import { describe, expect, it } from 'vitest';
import { changed, type LiteralFacts } from '../../test/releases/literal-facts';
import { appupOf, child, pairOf, supervisor as supervisorOf } from '../../test/releases/literal-upgrade';
import type { SupervisorFacts } from '../facts';
import { childrenChanged } from './children-changed';

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
