import { expect, it } from 'vitest';
import { parseInstruction, type Direction, type PlannedAppup, type PlannedSection } from '../appup';
import type { ReleaseDiff } from '../diff';
import { readFirstTerm } from '../erlang';
import type { Application } from '../release';
import { loadedModules } from './loaded-modules';

function application(name: string, version: string, ...modules: string[]): Application {
  return { name, version, resource: { modules } } as unknown as Application;
}

function section(direction: Direction, version: string, ...written: string[]): PlannedSection {
  const instructions = written.map((text) => parseInstruction(readFirstTerm(`${text}.`, 'test').term));
  return { direction, version, origin: { kind: 'kept', file: 'x.appup', instructions } };
}

it('the modules that are loaded are those of the pair, of added applications and of restarted ones', () => {
  const [x1, x2] = [application('x', '1', 'a', 'b'), application('x', '2', 'a', 'b', 'c')];
  const [old, added] = [application('old', '1', 'o1', 'o2'), application('new', '1', 'n1')];
  const whole = application('whole', '1', 'w1', 'w2');
  const difference = {
    previous: { applications: [x1, old, whole] },
    next: { applications: [x2, added, whole] },
    kept: [{ name: 'x', previous: x1, next: x2 }],
    added: [added],
    removed: [old],
  } as unknown as ReleaseDiff;
  const appup = {
    application: 'x',
    sections: [
      section(
        'up',
        '1',
        '{add_module, c}',
        '{update, a}',
        '{delete_module, gone}',
        '{restart_application, whole}',
      ),
      section('up', '0', '{load_module, other}'),
      section('down', '1', '{load_module, b}', '{delete_module, c}'),
    ],
  } as unknown as PlannedAppup;
  expect([...loadedModules(difference, 'up', [appup])].sort()).toEqual(['a', 'c', 'n1', 'w1', 'w2']);
  expect([...loadedModules(difference, 'down', [appup])].sort()).toEqual(['b', 'o1', 'o2']);
});
