export {
  BlockedUpgradeError,
  formatDiagnostic,
  throwIfBlocked,
  type Diagnostic,
  type Severity,
} from './diagnostic';
export { changeNotCovered } from './change-not-covered';
export { codeChangedSameVersion } from './code-changed-same-version';
export { strippedBeams } from './stripped-beams';
export { relupProblems } from './relup-problems';
export { staleAppup } from './stale-appup';
