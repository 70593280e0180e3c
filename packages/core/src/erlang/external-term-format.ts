export { decodeExternalTerm, type DecodeOptions } from './external-term-decoder';
export { encodeExternalTerm, type EncodeOptions } from './external-term-encoder';
