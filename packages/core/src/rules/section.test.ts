import { describe, expect, it } from 'vitest';
import { changed } from '../../test/releases/literal-facts';
import { appupOf, pairOf } from '../../test/releases/literal-upgrade';
import { listed, quoted, replacementOf, restartsAll, sectionsOf, type Section } from './section';

function section(up: string): Section {
  const [first] = sectionsOf(pairOf({ modules: [changed('m')] }), appupOf({ up }));
  if (first === undefined) throw new Error('there is no section');
  return first;
}

describe('a section', () => {
  it('leads from one release to the other, whichever way', () => {
    const pair = pairOf({ modules: [changed('m')] });
    const [up, down] = sectionsOf(pair, appupOf({ up: '{load_module,m}', down: '{load_module,m}' }));
    expect([up?.left, up?.entered]).toEqual([pair.modules.previous, pair.modules.next]);
    expect([down?.left, down?.entered]).toEqual([pair.modules.next, pair.modules.previous]);
    expect([up?.place, down?.place]).toEqual(['up from "1" of x.appup', 'down to "1" of x.appup']);
  });

  it.each([
    ['{update,m,{advanced,[]}}', 'advanced'],
    ['{update,m}', 'soft'],
    ['{load_module,m}', 'load'],
    ['{suspend,[m]},{load,{m,brutal_purge,brutal_purge}},{code_change,[{m,[]}]},{resume,[m]}', 'advanced'],
    ['{suspend,[m]},{load,{m,brutal_purge,brutal_purge}},{resume,[m]}', 'soft'],
    ['{load_module,other}', undefined],
  ])('%s replaces m by %s', (up, how) => {
    expect(replacementOf(section(up), 'm')?.how).toBe(how);
  });

  it('starts all processes anew where it restarts its own application or the emulator', () => {
    expect(restartsAll(section('{restart_application,x}'))).toBe(true);
    expect(restartsAll(section('{restart_application,y}'))).toBe(false);
    expect(restartsAll(section('{load_module,m},restart_emulator'))).toBe(true);
  });
});

it('names are written as an appup has them, and lists of them stay short', () => {
  expect(['m', 'Elixir.M'].map(quoted)).toEqual(['m', "'Elixir.M'"]);
  expect([['a'], ['a', 'b'], ['a', 'b', 'c']].map(listed)).toEqual(['a', 'a and b', 'a, b and c']);
  expect(listed(['a', 'b', 'c', 'd', 'e', 'f', 'g'])).toBe('a, b, c, d, e and 2 more');
});
