import { describe, expect, it } from 'vitest';
import { orderedComponents } from './component-order';

describe('the components of a dependency graph', () => {
  it.each([
    ['nothing', [], []],
    ['single vertices, in their order', [[], [], []], [[0], [1], [2]]],
    ['a chain, dependents first', [[], [0], [1]], [[2, 1, 0]]],
    ['a circle, ascending', [[1], [2], [0]], [[0, 1, 2]]],
    ['a circle with a dependent and a dependency', [[1], [0, 2], [], [1]], [[3, 0, 1, 2]]],
    ['a vertex that depends on itself, twice', [[0, 0]], [[0]]],
    ['one that several depend on', [[2], [2], []], [[0, 1, 2]]],
    ['unrelated dependencies, smallest first', [[], [3, 2, 0], [], []], [[1, 0, 2, 3]]],
    [
      'two, apart',
      [[2], [3], [], []],
      [
        [0, 2],
        [1, 3],
      ],
    ],
    ['a later vertex before an earlier one that it frees', [[], [0], [0], []], [[1, 2, 0], [3]]],
  ])('are %s', (_, graph, components) => {
    expect(orderedComponents(graph)).toEqual(components);
  });

  it('are found in a chain of any length', () => {
    const length = 50_000;
    const graph = Array.from({ length }, (_, vertex) => (vertex + 1 < length ? [vertex + 1] : []));
    expect(orderedComponents(graph)).toEqual([[...graph.keys()]]);
  });
});
