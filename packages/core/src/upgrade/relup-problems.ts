import { toOtpError, type RelupProblem } from '../relup';
import { isRuleCode, type Diagnostic } from '../rules';

/** What makes OTP's relup impossible, under OTP's own name for it with dashes (`undef-module`, `no-relup`). */
export function relupProblems(problems: readonly RelupProblem[]): Diagnostic[] {
  return problems.map((problem) => {
    const code = problem.kind.replaceAll('_', '-');
    const error = toOtpError({ ...problem, fix: '' });
    return {
      code: isRuleCode(code) ? code : 'relup-impossible',
      severity: 'error',
      application: problem.application,
      message: error.message.trim(),
      fix: problem.fix,
    };
  });
}
