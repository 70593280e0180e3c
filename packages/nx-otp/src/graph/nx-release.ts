import type { CreateNodes, CreateNodesResult, ProjectConfiguration, TargetConfiguration } from '@nx/devkit';

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

/** The same projects, each of which `nx release` can release. */
export function releasedByNx<Options>([files, create]: CreateNodes<Options>): CreateNodes<Options> {
  return [
    files,
    async (...args) => {
      const results = await create(...args);
      return results.map(
        ([file, { projects, ...others }]) => [file, { ...others, ...released(projects) }] as const,
      );
    },
  ];
}

function released(projects: CreateNodesResult['projects']): Pick<CreateNodesResult, 'projects'> {
  if (projects === undefined) return {};
  const all = Object.entries(projects).map(([root, project]) => [
    root,
    { ...project, targets: { ...project.targets, 'nx-release-publish': publishTarget }, release: nxRelease },
  ]);
  return { projects: Object.fromEntries(all) as CreateNodesResult['projects'] };
}
