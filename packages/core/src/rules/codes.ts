import type { Severity } from './diagnostic';

/**
 * Where a rule speaks: while an upgrade is `plan`ned, when the `package` is made, when `verify-upgrade` looks at a
 * package and an installation, or as one of OTP's own reasons why there can be no `relup`.
 */
export type RuleStage = 'plan' | 'package' | 'verify' | 'relup';

export interface Rule {
  readonly stage: RuleStage;
  /** The severities its findings may have, the usual one first. */
  readonly severity: Severity | readonly [Severity, Severity];
}

/**
 * Every code that a finding may have. Codes are stable, since projects name them in their configuration. Each has a page
 * in `docs/rules`; those of the relup share one.
 */
export const rules = {
  'allowance-unused': { stage: 'plan', severity: 'warning' },
  'apply-runs-twice': { stage: 'plan', severity: 'warning' },
  'bases-differ': { stage: 'plan', severity: 'error' },
  'call-undefined': { stage: 'plan', severity: 'warning' },
  'call-window': { stage: 'plan', severity: ['error', 'warning'] },
  'callback-mode-changed': { stage: 'plan', severity: 'error' },
  'callback-state-not-converted': { stage: 'plan', severity: ['error', 'warning'] },
  'change-not-covered': { stage: 'plan', severity: 'error' },
  'child-modules-wrong': { stage: 'plan', severity: ['error', 'warning'] },
  'child-specification-changed': { stage: 'plan', severity: ['info', 'warning'] },
  'child-type-wrong': { stage: 'plan', severity: ['error', 'warning'] },
  'children-changed': { stage: 'plan', severity: 'error' },
  'children-unknown': { stage: 'plan', severity: 'warning' },
  'code-change-missing': { stage: 'plan', severity: ['error', 'warning'] },
  'code-change-not-called': { stage: 'plan', severity: ['error', 'warning'] },
  'code-changed-same-version': { stage: 'plan', severity: 'error' },
  'config-change-missing': { stage: 'plan', severity: 'info' },
  'config-changed': { stage: 'plan', severity: 'info' },
  'config-provider-changed': { stage: 'plan', severity: ['error', 'warning'] },
  'erts-differs': { stage: 'plan', severity: 'warning' },
  'facts-unknown': { stage: 'plan', severity: 'info' },
  'file-not-shipped': { stage: 'plan', severity: 'warning' },
  'instruction-refused': { stage: 'plan', severity: 'error' },
  'killed-by-purge': { stage: 'plan', severity: 'warning' },
  'library-path-absolute': { stage: 'plan', severity: 'warning' },
  'library-path-stale': { stage: 'plan', severity: 'error' },
  'module-not-listed': { stage: 'plan', severity: ['error', 'warning'] },
  'nif-library-changed': { stage: 'plan', severity: 'warning' },
  'nif-reload': { stage: 'plan', severity: 'error' },
  'on-load': { stage: 'plan', severity: 'warning' },
  'policy-unmatched': { stage: 'plan', severity: 'error' },
  'priv-changed': { stage: 'plan', severity: 'info' },
  'process-stays-in-old-code': { stage: 'plan', severity: ['error', 'warning'] },
  'processes-unknown': { stage: 'plan', severity: 'info' },
  'release-not-recorded': { stage: 'plan', severity: 'error' },
  'releases-file-missing': { stage: 'plan', severity: 'error' },
  'stale-appup': { stage: 'plan', severity: 'warning' },
  'state-not-converted': { stage: 'plan', severity: ['error', 'warning'] },
  'state-unknown': { stage: 'plan', severity: 'info' },
  'stripped-beams': { stage: 'plan', severity: 'error' },
  'supervisor-arguments-changed': { stage: 'plan', severity: 'error' },
  'supervisor-init-side-effects': { stage: 'plan', severity: ['error', 'warning'] },
  'suspended-supervisor': { stage: 'plan', severity: 'error' },
  'sys-config-missing': { stage: 'plan', severity: 'error' },
  'sys-config-placeholders': { stage: 'plan', severity: 'warning' },
  'top-process-not-supervisor': { stage: 'plan', severity: ['error', 'warning'] },
  'unchanged-module-updated': { stage: 'plan', severity: ['error', 'warning'] },

  'architecture-differs': { stage: 'package', severity: 'error' },
  'emulator-restart': { stage: 'package', severity: 'warning' },
  'file-in-the-way': { stage: 'package', severity: 'error' },
  'otp-differs': { stage: 'package', severity: 'warning' },

  'already-installed': { stage: 'verify', severity: 'error' },
  'assumed-application-differs': { stage: 'verify', severity: 'error' },
  'assumed-application-missing': { stage: 'verify', severity: 'error' },
  'base-differs': { stage: 'verify', severity: 'error' },
  'erts-missing': { stage: 'verify', severity: 'error' },
  'missing-sasl': { stage: 'verify', severity: 'error' },
  'not-a-base': { stage: 'verify', severity: 'error' },
  'not-permanent': { stage: 'verify', severity: 'error' },
  'other-architecture': { stage: 'verify', severity: 'error' },
  'other-release': { stage: 'verify', severity: 'error' },
  'package-changed': { stage: 'verify', severity: 'error' },
  'package-incomplete': { stage: 'verify', severity: 'error' },
  'package-links': { stage: 'verify', severity: 'error' },
  'package-member-names': { stage: 'verify', severity: 'error' },
  'package-renamed': { stage: 'verify', severity: 'error' },
  'relup-entry-missing': { stage: 'verify', severity: 'error' },
  'running-code-differs': { stage: 'verify', severity: 'error' },
  'start-boot-missing': { stage: 'verify', severity: 'error' },
  'status-differs': { stage: 'verify', severity: 'error' },
  'version-folder-left': { stage: 'verify', severity: 'warning' },

  'bad-application': { stage: 'relup', severity: 'error' },
  'bad-args-list': { stage: 'relup', severity: 'error' },
  'bad-change': { stage: 'relup', severity: 'error' },
  'bad-code-change': { stage: 'relup', severity: 'error' },
  'bad-func': { stage: 'relup', severity: 'error' },
  'bad-instruction': { stage: 'relup', severity: 'error' },
  'bad-lib': { stage: 'relup', severity: 'error' },
  'bad-lib-vsn': { stage: 'relup', severity: 'error' },
  'bad-list': { stage: 'relup', severity: 'error' },
  'bad-mod-type': { stage: 'relup', severity: 'error' },
  'bad-mode': { stage: 'relup', severity: 'error' },
  'bad-module': { stage: 'relup', severity: 'error' },
  'bad-node': { stage: 'relup', severity: 'error' },
  'bad-op-before-point-of-no-return': { stage: 'relup', severity: 'error' },
  'bad-purge-method': { stage: 'relup', severity: 'error' },
  'bad-start-type': { stage: 'relup', severity: 'error' },
  'bad-timeout': { stage: 'relup', severity: 'error' },
  'bad-version-pattern': { stage: 'relup', severity: 'error' },
  'circular-dependencies': { stage: 'relup', severity: 'error' },
  'conflicting-versions': { stage: 'relup', severity: 'error' },
  'duplicate-include': { stage: 'relup', severity: 'error' },
  'duplicate-modules': { stage: 'relup', severity: 'error' },
  'duplicate-register': { stage: 'relup', severity: 'error' },
  'file-problem': { stage: 'relup', severity: 'error' },
  'mandatory-app': { stage: 'relup', severity: 'error' },
  'missing-mandatory-app': { stage: 'relup', severity: 'error' },
  'muldef-module': { stage: 'relup', severity: 'error' },
  'no-object-code': { stage: 'relup', severity: 'error' },
  'no-relup': { stage: 'relup', severity: 'error' },
  'no-such-application': { stage: 'relup', severity: 'error' },
  'no-such-module': { stage: 'relup', severity: 'error' },
  'not-yet-implemented': { stage: 'relup', severity: 'error' },
  'relup-impossible': { stage: 'relup', severity: 'error' },
  'removed-application-present': { stage: 'relup', severity: 'error' },
  'resumed-not-suspended': { stage: 'relup', severity: 'error' },
  'start-not-stop': { stage: 'relup', severity: 'error' },
  'stop-not-start': { stage: 'relup', severity: 'error' },
  'suspended-not-resumed': { stage: 'relup', severity: 'error' },
  'too-many-point-of-no-return': { stage: 'relup', severity: 'error' },
  'undef-module': { stage: 'relup', severity: 'error' },
  'undefined-applications': { stage: 'relup', severity: 'error' },
} as const satisfies Readonly<Record<string, Rule>>;

export type RuleCode = keyof typeof rules;

export function isRuleCode(code: string): code is RuleCode {
  return Object.hasOwn(rules, code);
}

/** The page of a rule, relative to the root of the repository. */
export function rulePage(code: RuleCode): string {
  return `docs/rules/${rules[code].stage === 'relup' ? 'relup' : code}.md`;
}
