import { describe, expect, it } from 'vitest';
import { release } from '../../test/relup-oracle/describe-release';
import { checkRelease } from './check-release';
import { formatProblem } from './problem';
import { startOrder } from './start-order';

function namesInOrder(applications: Parameters<typeof release>[1]): string {
  const { applications: ordered, problems } = startOrder(release('1', applications));
  return [...ordered.map(({ name }) => name), ...problems.map(({ kind }) => `!${kind}`)].join(' ');
}

describe('the start order', () => {
  it.each<[string, string, Parameters<typeof release>[1]]>([
    ['of the .rel where nothing is used', 'b a', { b: {}, a: {} }],
    [
      'with used applications pulled before their users',
      'c b a',
      { a: { uses: ['b', 'c'] }, b: { uses: ['c'] }, c: {} },
    ],
    [
      'with included applications before the one that includes them',
      'i a',
      { a: { includes: ['i'] }, i: {} },
    ],
    [
      'with the top application for an included one',
      'i t u',
      { u: { uses: ['i'] }, t: { includes: ['i'] }, i: {} },
    ],
    [
      'where an included application may use the one that includes it',
      'i m t',
      { t: { includes: ['m'] }, m: { includes: ['i'] }, i: { uses: ['m'] } },
    ],
    [
      'of the .rel and a problem, when that stands before the one that includes it',
      'i m t !undefined_applications',
      { i: { uses: ['m'] }, m: { includes: ['i'] }, t: { includes: ['m'] } },
    ],
    ['without an optional application that is absent', 'a', { a: { uses: ['o'], optional: ['o'] } }],
    ['after an optional application that is there', 'o a', { a: { uses: ['o'], optional: ['o'] }, o: {} }],
    [
      'of the .rel and a problem, in a circle',
      'a b !circular_dependencies',
      { a: { uses: ['b'] }, b: { uses: ['a'] } },
    ],
    [
      'of the .rel and a problem, when two include each other',
      'a b !circular_dependencies',
      { a: { includes: ['b'] }, b: { includes: ['a'] } },
    ],
    [
      'of the .rel and a problem, when one includes itself',
      'a !circular_dependencies',
      { a: { includes: ['a'] } },
    ],
  ])('is that %s', (_, expected, applications) => {
    expect(namesInOrder(applications)).toBe(expected);
  });
});

describe('a release', () => {
  const otp = { kernel: {}, stdlib: { uses: ['kernel'] }, sasl: { uses: ['kernel', 'stdlib'] } };

  it.each<[string, string, Parameters<typeof release>[1]]>([
    ['with all that it needs', '', otp],
    ['without kernel', '1.rel: kernel is not in the release. Add kernel to it.', { stdlib: {}, sasl: {} }],
    [
      'with a stdlib that is only loaded',
      '1.rel: stdlib is started as load. It must be permanent.',
      { ...otp, stdlib: { startType: 'load' } },
    ],
    [
      'without sasl',
      '1.rel: release lab 1 is without sasl, so no release_handler runs on the node. Add sasl to the release, and to the base before it is deployed.',
      { kernel: {}, stdlib: {} },
    ],
    [
      'without an application that others use',
      '1.rel: ssl is not in the release, but a, b needs it. Add ssl to the release, or to the optional_applications of a, b.',
      { ...otp, a: { uses: ['ssl'] }, b: { includes: ['ssl'] } },
    ],
    [
      'with a module in two applications',
      '1.rel: module m stands more than once: in a, b. It must stand in one application of the release, and there once.',
      { ...otp, a: { modules: ['m'] }, b: { modules: ['m'] } },
    ],
    [
      'with a name registered twice',
      '1.rel: registered name r stands more than once: in a, b. It must stand in one application of the release, and there once.',
      { ...otp, a: { registered: ['r'] }, b: { registered: ['r'] } },
    ],
    [
      'with an application that two include',
      '1.rel: included application i stands more than once: in a, b. It must stand in one application of the release, and there once.',
      { ...otp, a: { includes: ['i'] }, b: { includes: ['i'] }, i: {} },
    ],
    [
      'whose .app file has another version',
      '1.rel: the release has a 1, its .app file says a 7. Let them name the same version.',
      { ...otp, a: { appVersion: '7' } },
    ],
    [
      'whose .rel includes more than the .app file',
      '1.rel: the release lets a include b, which its .app file does not. The list of the .rel may only leave out some of the included_applications of the .app file.',
      { ...otp, a: { includesInRel: ['b'] }, b: {} },
    ],
  ])('%s: %s', (_, message, applications) => {
    expect(checkRelease(release('1', applications)).map(formatProblem).join('\n')).toBe(message);
  });
});
