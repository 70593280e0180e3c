export * from './appup-file';
export * from './instruction';
export {
  appupOfSections,
  assembleAppup,
  keptSection,
  type PlannedAppup,
  type PlannedSection,
} from './assemble-appup';
export { readKeptAppups } from './kept-appups';
export type { Direction } from './module-step';
export type { PlannedInstruction } from './module-instruction';
export { planTransition, type PlannedTransition } from './plan-transition';
export {
  noPolicy,
  type Allowance,
  type ApplicationPolicy,
  type AppupTransform,
  type ModulePolicy,
  type TransformInput,
  type UpgradePolicy,
} from './policy';
export { transitionOf, type Transition } from './transition';
