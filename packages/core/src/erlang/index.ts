export * from './term';
export {
  decodeExternalTerm,
  encodeExternalTerm,
  type DecodeOptions,
  type EncodeOptions,
} from './external-term-format';
export { readFirstTerm, readTerms, type SourceEncoding, type SourceRange, type TermFile } from './read-terms';
export { printTerm, printTermFile, type PrintFileOptions, type PrintOptions } from './print-terms';
export { editTermFile, type TermEdit } from './edit-terms';
