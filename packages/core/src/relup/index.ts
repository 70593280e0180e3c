export { applicationOrder } from './application-order';
export { joinApplications, type JoinedScript } from './join-applications';
export { makeRelup, type BaseRelease, type RelupOptions } from './make-relup';
export { formatProblem, toOtpError, type RelupProblem } from './problem';
export { relupToTerm, type Relup, type RelupEntry } from './relup';
export type { RelupDiagnostic } from './relup-diagnostic';
export { startOrder } from './start-order';
export type { RelupOrder } from './upgrade-scripts';
