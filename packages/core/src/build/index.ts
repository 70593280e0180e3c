export {
  compileApplications,
  type CompiledApplication,
  type CompiledApplications,
  type CompileOptions,
} from './compile-applications';
export { generateRelease, type GeneratedRelease, type GenerateOptions } from './generate-release';
export { erlangSources, runErlang, type ErlangAnswer, type ErlangRun } from './run-erlang';
export { erlangToolchain, type ErlangToolchain } from './erlang-toolchain';
