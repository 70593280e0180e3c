import { describe, expect, it } from 'vitest';
import { otpApplications } from './otp-applications';

describe('the applications of OTP', () => {
  it('come with all that they need, each after those', () => {
    expect(otpApplications(['ssl', 'cowboy', 'sasl'])).toEqual([
      'kernel',
      'stdlib',
      'crypto',
      'asn1',
      'public_key',
      'ssl',
      'sasl',
    ]);
  });

  it('are unknown where there is no Erlang', () => {
    expect(otpApplications(['ssl'], '/nowhere')).toBeUndefined();
  });
});
