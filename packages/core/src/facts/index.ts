export { extractModuleFacts } from './extract-module-facts';
export { readReleaseFacts, writeReleaseFacts } from './facts-file';
export {
  isUnknown,
  unknown,
  type ChildFacts,
  type ChildReference,
  type CodeChange,
  type KeptFacts,
  type Linger,
  type ProcessStart,
  type StateShape,
  type SupervisorFacts,
  type Unknown,
} from './model';
export { distributionApplications } from './otp-applications';
export {
  collectReleaseFacts,
  factsOf,
  type ApplicationFacts,
  type CollectOptions,
  type ModuleEntry,
  type ReleaseFacts,
} from './release-facts';
export { isPure } from './calls';
export { resolveChild } from './resolve-child';
export { sameSupervisor } from './same-supervisor';
