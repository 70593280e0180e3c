export {
  BlockedUpgradeError,
  formatDiagnostic,
  throwIfBlocked,
  type Diagnostic,
  type Severity,
} from './diagnostic';
export { basesDiffer, sectionsDiffer } from './bases-differ';
export { callWindows } from './call-window';
export { changeNotCovered } from './change-not-covered';
export { childrenChanged } from './children-changed';
export { codeChangedSameVersion } from './code-changed-same-version';
export { filesInTheWay, type FilesInTheWay } from './file-in-the-way';
export { emulatorRestart, type EmulatorRestart } from './emulator-restart';
export { fileNotShipped } from './file-not-shipped';
export { moduleNotListed } from './module-not-listed';
export { staleAppup } from './stale-appup';
export { stateNotConverted } from './state-not-converted';
export { wayBackNotRecorded } from './way-back';
export { strippedBeams } from './stripped-beams';
export { allowableRules, allowanceUnused, applyAllowances, type AllowedFindings } from './allowances';
export { unmatchedPolicy } from './policy-unmatched';
export { isRuleCode, rulePage, rules, type Rule, type RuleCode, type RuleStage } from './codes';
