import type { ReleaseTool } from '@nx-otp/core';

export interface ReleaseGeneratorOptions {
  name: string;
  tool?: ReleaseTool;
  applications?: string[];
  directory?: string;
  releaseVersion?: string;
}
