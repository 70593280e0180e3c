export {
  compileApplications,
  type CompiledApplication,
  type CompiledApplications,
  type CompileOptions,
} from './compile-applications';
export {
  compileWorkspace,
  type CompileResult,
  type CompileWorkspaceOptions,
  type WorkspaceApplication,
} from './compile-workspace';
export { generateRelease, type GeneratedRelease, type GenerateOptions } from './generate-release';
export { erlangSources, runErlang, type ErlangAnswer, type ErlangRun } from './run-erlang';
export { erlangToolchain, type ErlangToolchain } from './erlang-toolchain';
export { type AssembledRelease } from './assemble-release';
export {
  compileMix,
  generateMixRelease,
  testMix,
  type TestMixOptions,
  type CompileMixOptions,
  type GenerateMixReleaseOptions,
} from './generate-mix-release';
export {
  compileRebar3,
  generateRelxRelease,
  testRebar3,
  type TestRebar3Options,
  type CompileRebar3Options,
  type GenerateRelxReleaseOptions,
} from './generate-relx-release';
export { otpApplications } from './otp-applications';
export { releaseToolOf, type ReleaseTool } from './release-tool';
export { testApplications, type TestOptions } from './test-applications';
