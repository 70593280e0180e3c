export interface CiWorkflowGeneratorOptions {
  ci?: 'github' | 'gitlab';
  name?: string;
  otpVersion?: string;
  elixirVersion?: string;
}
