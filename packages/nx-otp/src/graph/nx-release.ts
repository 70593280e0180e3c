import type { ProjectConfiguration, TargetConfiguration } from '@nx/devkit';

/** By what `nx release` reads and writes the versions of a project. */
export const nxRelease: NonNullable<ProjectConfiguration['release']> = {
  version: { versionActions: 'nx-otp/release/version-actions' },
};

/**
 * `nx release` fails for want of this target after it has tagged. A release is deployed, not published; who publishes
 * to Hex defines the target.
 */
export const publishTarget: TargetConfiguration = {
  executor: 'nx:noop',
  metadata: {
    technologies: ['erlang'],
    description: 'Publish nothing; nx release wants this target. Define it to publish, to Hex for example',
  },
};
