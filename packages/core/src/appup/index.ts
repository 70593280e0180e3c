export * from './appup-file';
export * from './instruction';
export { assembleAppup, type PlannedAppup, type PlannedSection } from './assemble-appup';
export { readKeptAppups } from './kept-appups';
export type { Direction } from './module-step';
export type { PlannedInstruction } from './plan-appup';
