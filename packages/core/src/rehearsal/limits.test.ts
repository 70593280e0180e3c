import { expect, it } from 'vitest';
import { checkedLimits } from './limits';

it.each([
  [{ clients: 0 }, 'clients: expected a whole number from 1 to 1000, found 0.'],
  [{ clients: 1.5 }, 'clients: expected a whole number from 1 to 1000, found 1.5.'],
  [{ clients: 1001 }, 'clients: expected a whole number from 1 to 1000, found 1001.'],
  [{ settleTime: -1 }, 'settleTime: expected a number of milliseconds, 0 or more, found -1.'],
  [{ bootTimeout: 0 }, 'bootTimeout: expected a number of milliseconds, more than 0, found 0.'],
  [{ stepTimeout: Number.NaN }, 'stepTimeout: expected a number of milliseconds, more than 0, found NaN.'],
])('%j is refused', (limits, message) => {
  expect(() => checkedLimits(limits)).toThrow(message);
});

it('takes times as long as a timer can be, in whole milliseconds', () => {
  expect(checkedLimits({ clients: 2, settleTime: 0, stepTimeout: 1e12, probeTimeout: 0.2 })).toEqual({
    clients: 2,
    settleTime: 0,
    stepTimeout: 2147423648,
    probeTimeout: 1,
  });
});
