import { OtpError } from '../error';
import type { RuleCode } from './codes';

/** `error` stops the target, `warning` asks for a look, `info` explains. */
export type Severity = 'error' | 'warning' | 'info';

/** What a rule found. Its code is stable: projects name it to allow the finding. */
export interface Diagnostic {
  readonly code: RuleCode;
  readonly severity: Severity;
  readonly application?: string;
  readonly module?: string;
  /** What was found, and why it matters on the node. A whole sentence. */
  readonly message: string;
  /** What to do. A whole sentence. */
  readonly fix: string;
  /** Why the project lives with it; then it does not block, whatever the rule says. */
  readonly allowed?: string;
}

/** `error code-changed-same-version (dummy): ... Fix: ...`: one finding, as a person reads it. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const subject = diagnostic.module ?? diagnostic.application;
  const of = subject === undefined ? '' : ` (${subject})`;
  const note = diagnostic.allowed === undefined ? `Fix: ${diagnostic.fix}` : `Allowed: ${diagnostic.allowed}`;
  return `${diagnostic.severity} ${diagnostic.code}${of}: ${diagnostic.message}\n  ${note}`;
}

/** Findings that block: the upgrade is not produced. Lists all of them, errors first. */
export class BlockedUpgradeError extends OtpError {
  constructor(
    what: string,
    readonly diagnostics: readonly Diagnostic[],
  ) {
    const errors = diagnostics.filter((diagnostic) => diagnostic.severity === 'error');
    const others = diagnostics.filter((diagnostic) => diagnostic.severity !== 'error');
    super(
      [
        `${what}: ${count(errors.length)} in the way.`,
        ...[...errors, ...others].map(formatDiagnostic),
        'Each rule has a page: docs/rules/CODE.md.',
      ].join('\n'),
      { code: 'upgrade-blocked' },
    );
  }
}

function count(findings: number): string {
  return findings === 1 ? '1 finding is' : `${findings} findings are`;
}

/** @throws BlockedUpgradeError with all findings, when one of them is an error. */
export function throwIfBlocked(what: string, diagnostics: readonly Diagnostic[]): void {
  if (diagnostics.some((diagnostic) => diagnostic.severity === 'error')) {
    throw new BlockedUpgradeError(what, diagnostics);
  }
}
