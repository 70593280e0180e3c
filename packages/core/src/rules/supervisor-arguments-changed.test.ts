import { expect, it } from 'vitest';
import { changed } from '../../test/releases/literal-facts';
import { appupOf, pairOf, supervisor } from '../../test/releases/literal-upgrade';
import { supervisorArgumentsChanged } from './supervisor-arguments-changed';

function find(
  before: { given: string; taken: readonly string[] },
  after: { given: string; taken: readonly string[] },
  instruction = '{update,s,supervisor}',
): string[] {
  const pair = pairOf({
    modules: [
      changed('s', supervisor('s', [], { argument: before }), supervisor('s', [], { argument: after })),
    ],
  });
  return supervisorArgumentsChanged(pair, appupOf({ up: instruction, down: instruction })).map(
    ({ severity, message }) => `${severity} ${message}`,
  );
}

it('finds, in each direction, an argument that no clause takes', () => {
  expect(find({ given: '[_]', taken: ['[_]'] }, { given: '[_,_]', taken: ['[_,_]'] })).toEqual([
    'error the supervisor s that runs was started with [_], and the update up from "1" of x.appup calls init/1 of the version that is entered with that, which takes [_,_] only: the node would restart in the middle of the upgrade.',
    'error the supervisor s that runs was started with [_,_], and the update down to "1" of x.appup calls init/1 of the version that is entered with that, which takes [_] only: the node would restart in the middle of the upgrade.',
  ]);
});

it('is content where a clause takes it, where init/1 is not called, and where the argument is the same', () => {
  expect(find({ given: '[_]', taken: ['_'] }, { given: '[_,_]', taken: ['[_,_]', '[_]'] })).toEqual([]);
  expect(find({ given: '[]', taken: ['[]'] }, { given: '{_}', taken: ['{_}'] }, '{load_module,s}')).toEqual(
    [],
  );
  expect(find({ given: '[]', taken: ['[]'] }, { given: '[]', taken: ['[]'] })).toEqual([]);
});
