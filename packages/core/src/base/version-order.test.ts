import { expect, it } from 'vitest';
import { compareVersions } from './version-order';

it('orders versions as people mean them', () => {
  const ordered = [
    '0.1',
    '0.2',
    '0.9',
    '0.10',
    '1.0.0-rc.1',
    '1.0.0-rc.2',
    '1.0.0-rc.10',
    '1.0.0',
    '1.0.0+5',
    '1.0.1',
    '1.0.10',
    '2024.1.2',
    '20250101120000',
  ];
  expect([...ordered].reverse().sort(compareVersions)).toEqual(ordered);
});

it('takes only equal texts for equal, also where the numbers are', () => {
  expect(compareVersions('1.0', '1.0')).toBe(0);
  expect(compareVersions('1.0', '1.00')).not.toBe(0);
  expect(compareVersions('1.0', '1.0.0')).toBeLessThan(0);
});
