export { makeRelup, type BaseRelease, type RelupOptions } from './make-relup';
export { formatProblem, toOtpError, type RelupProblem } from './problem';
export { protocolScripts } from './protocol-scripts';
export { relupText, relupToTerm, type Relup, type RelupEntry } from './relup';
export type { RelupDiagnostic } from './relup-diagnostic';
export { startOrder } from './start-order';
export type { SurroundingScripts } from './surrounding-scripts';
export type { RelupOrder } from './upgrade-scripts';
