import { expect, it } from 'vitest';
import { nextPatch, withThreeNumbers, writtenLike } from './next-version';
import { requirementFor } from './requirement';

it.each([
  ['0.1.0', '0.1.1'],
  ['0.1', '0.1.1'],
  ['7', '7.0.1'],
  ['1.9.9', '1.9.10'],
  ['1.2.3.4', '1.2.3.5'],
  ['1.0.0-rc.1', '1.0.0'],
  ['1.0.0+build.7', '1.0.1'],
  ['2026.02.01', '2026.02.02'],
  ['0.1.99999999999999999999', '0.1.100000000000000000000'],
  ['R16B-1', undefined],
  ['R16B', undefined],
  ['1.0b', undefined],
  ['v2', undefined],
])('after %s comes %s', (version, next) => {
  expect(nextPatch(version)).toBe(next);
});

it('versions of one or two numbers are padded for semantic versioning, and shortened again', () => {
  expect(['1', '0.1', '0.1.0', '01.1', '1.2.3.4', 'R1'].map(withThreeNumbers)).toEqual([
    '1.0.0',
    '0.1.0',
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  expect(writtenLike('0.2.0', '0.1')).toBe('0.2');
  expect(writtenLike('2.0.0', '1')).toBe('2');
  expect(writtenLike('0.1.1', '0.1')).toBe('0.1.1');
  expect(writtenLike('0.2.0-rc.0', '0.1')).toBe('0.2.0-rc.0');
  expect(writtenLike('0.2.0', '0.1.0')).toBe('0.2.0');
});

const auto = { operator: 'as written', keepMatching: true } as const;

it.each([
  ['~> 0.1', '0.1.1', '~> 0.1'],
  ['~> 0.1', '0.9.0', '~> 0.1'],
  ['~> 0.1', '1.2.3', '~> 1.2'],
  ['~> 0.1.0', '0.1.7', '~> 0.1.0'],
  ['~> 0.1.0', '0.2.0', '~> 0.2.0'],
  ['~>0.1.0', '0.2.0', '~>0.2.0'],
  ['~> 0.1.0', '0.2.0-rc.1', '~> 0.2.0-rc.1'],
  ['0.1.0', '0.1.1', '0.1.1'],
  ['== 0.1.0', '0.1.1', '== 0.1.1'],
  ['>= 0.1.0', '0.2.0', '>= 0.1.0'],
  ['>= 0.3.0', '0.2.0', '>= 0.2.0'],
  ['>= 0.1.0 and < 1.0.0', '0.2.0', '>= 0.1.0 and < 1.0.0'],
  ['>= 0.1.0 and < 1.0.0', '1.0.0', undefined],
  ['~> 1.0 or ~> 2.0', '2.4.0', '~> 1.0 or ~> 2.0'],
  ['< 1.0.0', '1.0.0', undefined],
  ['!= 1.0.0', '1.0.1', '!= 1.0.0'],
  ['~> 1.0.0-rc.1', '1.0.0', '~> 1.0.0-rc.1'],
  ['> 1.0.0-rc.2', '1.0.0-rc.10', '> 1.0.0-rc.2'],
])('a dependency on %s that becomes %s is required as %s', (requirement, version, expected) => {
  expect(requirementFor(requirement, version, auto)).toBe(expected);
});

it('a requirement is rewritten as the configuration of the release wants it', () => {
  expect(requirementFor('~> 0.1', '0.2.0', { operator: 'as written', keepMatching: false })).toBe('~> 0.2');
  expect(requirementFor('~> 0.1', '0.2.0', { operator: '~>', keepMatching: false })).toBe('~> 0.2.0');
  expect(requirementFor('~> 0.1', '0.2.0', { operator: '==', keepMatching: false })).toBe('== 0.2.0');
  expect(requirementFor('~> 0.1', '0.2.0', { operator: 'none', keepMatching: false })).toBe('0.2.0');
  expect(requirementFor('~> 0.1', '0.2.0', { operator: 'none', keepMatching: true })).toBe('~> 0.1');
});
