export {
  BlockedUpgradeError,
  formatDiagnostic,
  throwIfBlocked,
  type Diagnostic,
  type Severity,
} from './diagnostic';
export { isRuleCode, rulePage, rules, type Rule, type RuleCode, type RuleStage } from './codes';
export { sectionsDiffer } from './bases-differ';
export { callWindows } from './call-window';
export { filesInTheWay, type FilesInTheWay } from './file-in-the-way';
export { emulatorRestart, type EmulatorRestart } from './emulator-restart';
export { emulatorsDiffer, type Emulators } from './emulators-differ';
export { runRules } from './run-rules';
export { wayBackNotRecorded } from './way-back';
export { allowableRules, allowanceUnused, applyAllowances, type AllowedFindings } from './allowances';
export { unmatchedPolicy } from './policy-unmatched';
