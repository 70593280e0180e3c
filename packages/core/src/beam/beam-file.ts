import type { Term } from '../erlang';
import { readAtoms } from './atoms';
import { type Attributes, behavioursOf, readAttributes, vsnOf } from './attributes';
import { type BeamChunks, readChunks } from './chunks';
import { codeMd5 } from './code-md5';
import { type CompileInfo, readCompileInfo } from './compile-info';
import { type DebugInfo, readDebugInfo } from './debug-info';
import {
  type FunctionName,
  type ImportedFunction,
  readExports,
  readImports,
  readLocals,
} from './function-tables';
import { readLiterals } from './literals';
import { hasOnLoad } from './on-load';

/**
 * One BEAM file. Only its list of chunks is read when it is opened; each property decodes what it needs the first
 * time it is asked for, and throws an OtpError that names the file when those bytes are corrupt.
 */
export interface BeamFile {
  /** The path of the file, for messages. */
  readonly origin: string;
  readonly chunks: BeamChunks;
  /** The module, such as `lists` or `Elixir.Enum`. */
  readonly name: string;
  /** `beam_lib:md5/1` as 32 hexadecimal digits: what decides whether the code changed. */
  readonly md5: string;
  readonly exports: readonly FunctionName[];
  readonly imports: readonly ImportedFunction[];
  /** `undefined` when the file was stripped of them. */
  readonly locals: readonly FunctionName[] | undefined;
  /** False when the file was stripped of its attributes: then `release_handler` cannot install it, nor upgrade from it. */
  readonly hasAttributes: boolean;
  /** Empty when the file was stripped of them. */
  readonly attributes: Attributes;
  /** The version that `code_change` is given for this module; `undefined` when there is no `vsn` attribute. */
  readonly vsn: Term | undefined;
  /** As written in the source: `gen_server`, or `Elixir.GenServer`. */
  readonly behaviours: readonly string[];
  /** `undefined` when the file was stripped of it. */
  readonly compileInfo: CompileInfo | undefined;
  /** Whether a function runs when the module is loaded (`-on_load`, Elixir's `@on_load`). */
  readonly onLoad: boolean;
  /** Whether the code calls `erlang:load_nif/2`. */
  readonly loadsNif: boolean;
  /** Whether it carries documentation (EEP 48). */
  readonly hasDocs: boolean;
  debugInfo(): DebugInfo;
  literals(): readonly Term[];
}

/** @throws OtpError when this is not a BEAM file, or its list of chunks is corrupt. */
export function openBeam(bytes: Uint8Array, origin: string): BeamFile {
  return new LazyBeamFile(readChunks(bytes, origin));
}

class LazyBeamFile implements BeamFile {
  readonly #name = once(() => readAtoms(this.chunks, 1)[0] ?? '');
  readonly #atoms = once(() => readAtoms(this.chunks));
  readonly #md5 = once(() => codeMd5(this.chunks));
  readonly #exports = once(() => readExports(this.chunks, this.#atoms()));
  readonly #imports = once(() => readImports(this.chunks, this.#atoms()));
  readonly #locals = once(() => readLocals(this.chunks, this.#atoms()));
  readonly #attributes = once<Attributes>(() => readAttributes(this.chunks) ?? new Map());
  readonly #compileInfo = once(() => readCompileInfo(this.chunks));
  readonly #onLoad = once(() => hasOnLoad(this.chunks));
  readonly debugInfo = once(() => readDebugInfo(this.chunks));
  readonly literals = once(() => readLiterals(this.chunks));

  constructor(readonly chunks: BeamChunks) {}

  get origin(): string {
    return this.chunks.origin;
  }
  get name(): string {
    return this.#name();
  }
  get md5(): string {
    return this.#md5();
  }
  get exports(): readonly FunctionName[] {
    return this.#exports();
  }
  get imports(): readonly ImportedFunction[] {
    return this.#imports();
  }
  get locals(): readonly FunctionName[] | undefined {
    return this.#locals();
  }
  get hasAttributes(): boolean {
    return this.chunks.byId.has('Attr');
  }
  get attributes(): Attributes {
    return this.#attributes();
  }
  get vsn(): Term | undefined {
    return vsnOf(this.attributes);
  }
  get behaviours(): readonly string[] {
    return behavioursOf(this.attributes);
  }
  get compileInfo(): CompileInfo | undefined {
    return this.#compileInfo();
  }
  get onLoad(): boolean {
    return this.#onLoad();
  }
  get loadsNif(): boolean {
    return this.imports.some(
      ({ module, name, arity }) => module === 'erlang' && name === 'load_nif' && arity === 2,
    );
  }
  get hasDocs(): boolean {
    return this.chunks.byId.has('Docs');
  }
}

/** Computes on the first call and remembers the value; an error is not remembered. */
function once<Value>(compute: () => Value): () => Value {
  let memo: { readonly value: Value } | undefined;
  return () => {
    memo ??= { value: compute() };
    return memo.value;
  };
}
