import type { ProjectApplication } from '../project-applications';

/** A release that is to be described to a tool. */
export interface DescribedRelease {
  readonly name: string;
  readonly version: string;
  /** The folder of the project, relative to the root of the workspace. */
  readonly folder: string;
  /** Those it starts; what they need of the project is among them. Sorted by name. */
  readonly applications: readonly ProjectApplication[];
}
