import { describe, expect, it } from 'vitest';
import { changed } from '../../test/releases/literal-facts';
import { appupOf, pairOf, server, supervisor } from '../../test/releases/literal-upgrade';
import { applyRunsTwice } from './apply-runs-twice';
import { instructionRefused } from './instruction-refused';
import { suspendedSupervisor } from './suspended-supervisor';

function find(up: string): string[] {
  const pair = pairOf({ modules: [changed('s', supervisor('s', [])), changed('m', server('m'))] });
  return [instructionRefused, suspendedSupervisor, applyRunsTwice]
    .flatMap((rule) => rule(pair, appupOf({ up })))
    .map(({ severity, code }) => `${severity} ${code}`);
}

describe('low-level instructions', () => {
  it.each(['restart', 'reboot'])('%s is refused by release_handler', (instruction) => {
    expect(find(`{load_module,m},${instruction}`)).toEqual(['error instruction-refused']);
  });

  it.each(['{suspend,[m]}', '{update,m}', '{stop,[m]}'])(
    'a supervisor is suspended while %s looks for processes',
    (up) => {
      expect(find(`{suspend,[s]},${up},{resume,[s]}`)).toEqual(['error suspended-supervisor']);
      expect(find(`{suspend,[s]},{resume,[s]},${up}`)).toEqual([]);
      expect(find(`{suspend,[m]},${up},{resume,[m]}`)).toEqual([]);
    },
  );

  it('one instruction may suspend a supervisor and others', () => {
    expect(find('{suspend,[s,m]},{resume,[m,s]}')).toEqual([]);
  });

  it('a call before the point of no return is made twice', () => {
    expect(find('{apply,{a,b,[]}},point_of_no_return,{load_module,m}')).toEqual(['warning apply-runs-twice']);
    expect(find('point_of_no_return,{apply,{a,b,[]}}')).toEqual([]);
    expect(find('{apply,{a,b,[]}},{load_module,m}')).toEqual([]);
  });
});
