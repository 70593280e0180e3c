import { nil } from '../../src/erlang';
import type { ReleaseDescription, StartType } from '../../src/release/model';

export interface ApplicationSketch {
  readonly version?: string;
  readonly startType?: StartType;
  readonly modules?: readonly string[];
  readonly registered?: readonly string[];
  readonly uses?: readonly string[];
  readonly optional?: readonly string[];
  readonly includes?: readonly string[];
  readonly includesInRel?: readonly string[];
  readonly appVersion?: string;
}

/** The release `lab` of `version`, of which only what is given matters; its applications stand in the order of the keys. */
export function release(
  version: string,
  applications: Readonly<Record<string, ApplicationSketch>>,
  ertsVersion = '13.1.5',
): ReleaseDescription {
  return {
    name: 'lab',
    version,
    ertsVersion,
    relFile: `${version}.rel`,
    applications: Object.entries(applications).map(([name, sketch]) => ({
      name,
      version: sketch.version ?? '1',
      startType: sketch.startType ?? 'permanent',
      includedApplications: sketch.includesInRel ?? sketch.includes ?? [],
      resource: {
        name,
        version: sketch.appVersion ?? sketch.version ?? '1',
        description: '',
        modules: sketch.modules ?? [],
        registered: sketch.registered ?? [],
        applications: sketch.uses ?? [],
        optionalApplications: sketch.optional ?? [],
        includedApplications: sketch.includes ?? [],
        env: nil,
        properties: nil,
      },
    })),
  };
}
