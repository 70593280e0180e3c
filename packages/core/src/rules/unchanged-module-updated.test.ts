import { expect, it } from 'vitest';
import { changed } from '../../test/releases/literal-facts';
import { appupOf, pairOf, server, supervisor } from '../../test/releases/literal-upgrade';
import type { CodeChange } from '../facts';
import { unchangedModuleUpdated } from './unchanged-module-updated';

function find(up: string, kind: CodeChange = 'converts'): string[] {
  const unchanged = {
    same: server('same', { details: { codeChange: { 'code_change/3': kind } } }),
    s: supervisor('s', []),
  };
  const pair = pairOf({ modules: [changed('m', server('m'))], unchanged });
  return unchangedModuleUpdated(pair, appupOf({ up })).map(
    ({ severity, module }) => `${severity} ${module ?? ''}`,
  );
}

it('unchanged-module-updated stops where a conversion would run again, and warns of other code changes', () => {
  expect(find('{update,same,{advanced,[]}},{update,m,{advanced,[]}}')).toEqual(['error same']);
  expect(find('{suspend,[same]},{code_change,[{same,[]}]}')).toEqual(['error same']);
  expect(find('{update,same,{advanced,[]}}', 'trivial')).toEqual(['warning same']);
});

it('unchanged-module-updated is content where no state is touched', () => {
  for (const up of [
    '{load_module,same}',
    '{update,same}',
    '{update,s,supervisor}',
    '{update,lists,{advanced,[]}}',
  ])
    expect(find(up)).toEqual([]);
  expect(find('{update,same,{advanced,[]}},{restart_application,x}')).toEqual([]);
});
