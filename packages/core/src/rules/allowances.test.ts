import { expect, it } from 'vitest';
import { allowanceUnused, applyAllowances } from './allowances';
import { formatDiagnostic, type Diagnostic } from './diagnostic';

const finding = (of: Partial<Diagnostic>): Diagnostic => ({
  code: 'stale-appup',
  severity: 'error',
  message: 'It is so.',
  fix: 'Mend it.',
  ...of,
});
const reason = 'looked at';

it('a finding that is allowed does not block, and says why', () => {
  const { diagnostics, unused } = applyAllowances(
    [finding({ application: 'a', module: 'm' }), finding({ application: 'a', module: 'n' })],
    [{ rule: 'stale-appup', application: 'a', module: 'm', reason }],
  );
  expect(diagnostics.map(formatDiagnostic)).toEqual([
    'info stale-appup (m): It is so.\n  Allowed: looked at',
    'error stale-appup (n): It is so.\n  Fix: Mend it.',
  ]);
  expect(unused).toEqual([]);
});

it.each([
  [{ rule: 'stale-appup', application: 'a' }, finding({ application: 'a', module: 'm' }), true],
  [{ rule: 'stale-appup', application: 'a' }, finding({ module: 'm' }), false],
  [{ rule: 'stale-appup', application: 'a', module: 'm' }, finding({ module: 'm' }), true],
  [{ rule: 'stale-appup', application: 'b', module: 'm' }, finding({ application: 'a', module: 'm' }), false],
  [{ rule: 'stale-appup', module: 'm' }, finding({ application: 'a', module: 'm' }), true],
  [{ rule: 'stale-appup', module: 'm' }, finding({ application: 'm' }), false],
  [{ rule: 'stale-appup' }, finding({}), true],
  [{ rule: 'stale-appup' }, finding({ application: 'a' }), false],
  [{ rule: 'bases-differ', application: 'a' }, finding({ application: 'a' }), false],
])('%j allows %j: %j', (entry, diagnostic, allows) => {
  const { diagnostics, unused } = applyAllowances([diagnostic], [{ ...entry, reason }]);
  expect(diagnostics[0]?.allowed).toBe(allows ? reason : undefined);
  expect(unused).toHaveLength(allows ? 0 : 1);
});

it('an entry without a finding is a finding, naming the entry', () => {
  expect(
    formatDiagnostic(allowanceUnused({ rule: 'stale-appup', application: 'a', module: 'm', reason })),
  ).toBe(
    'warning allowance-unused (m): stale-appup is allowed for the application a and the module m (looked at), and there is no such finding.\n  Fix: Remove the entry, so that it does not allow what comes later, or correct the names in it; an entry without application and module is for findings that have neither.',
  );
});
