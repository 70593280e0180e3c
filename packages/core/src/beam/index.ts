export { readAtoms } from './atoms';
export { behavioursOf, readAttributes, vsnOf, type Attributes } from './attributes';
export { openBeam, type BeamFile } from './beam-file';
export { readChunks, type BeamChunks } from './chunks';
export { codeMd5, strippedCodeMd5 } from './code-md5';
export {
  compareBeams,
  type ComparedOrigins,
  type InertPart,
  type ModuleChange,
  type StrippedSide,
} from './compare';
export type { CompileInfo } from './compile-info';
export { readDebugInfo, type DebugInfo } from './debug-info';
export type { FunctionName, ImportedFunction } from './function-tables';
export { recordDefinitions, structFields } from './record-definitions';
