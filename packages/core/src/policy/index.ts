export { loadTransforms, type TransformLimits } from './load-transforms';
export { parsePolicy, type WrittenPolicy } from './parse-policy';
export { policyInputs, readPolicy } from './read-policy';
export type {
  InstructionForTransform,
  ModuleFactsForTransform,
  ModuleForTransform,
  SectionForTransform,
} from './transform-facts';
export { transformImports } from './transform-imports';
export { transformSections } from './transform-sections';
