import type { TargetConfiguration } from '@nx/devkit';
import { forwarded, outputsOfDependencies, toolchain, type TaskInputs } from './task-inputs';

const inputs: TaskInputs = [
  '{projectRoot}/rel/probes.json',
  '{projectRoot}/rel/probes/**/*',
  '{projectRoot}/rel/rehearsal.config',
  outputsOfDependencies,
  ...toolchain(),
];

const rehearsalExecutor = 'nx-otp:rehearse-upgrade';

const allTargetName = 'rehearse-upgrade';

/**
 * The rehearsal of the upgrade. Where a project is configured with several previous releases, each has a target of its own,
 * `rehearse-upgrade--NAME`, to be cached by itself and to run on any machine, as test files have with plugins that
 * split tasks; `rehearse-upgrade` then stands for all of them.
 * @param bases as they are configured
 */
export function rehearsalTargets(bases: readonly string[]): Record<string, TargetConfiguration> {
  const single = bases.length < 2 ? [] : namedBases(bases);
  const common = {
    executor: rehearsalExecutor,
    cache: true,
    inputs,
    outputs: ['{options.outputPath}'],
  };
  const needed = [forwarded('previous-release'), forwarded('generate-upgrade')];
  return {
    [allTargetName]: {
      ...common,
      dependsOn: [...needed, ...single.map(({ target }) => forwarded(target))],
      options: { outputPath: '{projectRoot}/dist/rehearsal' },
      metadata: {
        technologies: ['erlang'],
        description: 'Make the upgrade and the way back on a live node of its own, and say what was found',
        help: {
          command: 'nx run PROJECT:rehearse-upgrade --help',
          example: { options: { previousRelease: '../production/dummy_0.1.tar.gz' } },
        },
      },
    },
    ...Object.fromEntries(
      single.map(({ target, name, base }) => [
        target,
        {
          ...common,
          dependsOn: needed,
          options: { base, outputPath: `{projectRoot}/dist/rehearsals/${name}` },
          metadata: { technologies: ['erlang'], description: `Rehearse the upgrade from ${base}` },
        },
      ]),
    ),
  };
}

/** The rehearsals where there are several, for what shows targets in groups. They may have other names. */
export function rehearsalGroup(targets: Record<string, TargetConfiguration>): string[] {
  const rehearsals = Object.entries(targets).filter(([, { executor }]) => executor === rehearsalExecutor);
  return rehearsals.length < 2 ? [] : rehearsals.map(([name]) => name);
}

/** Each by the last part of its path; by more of it where that is not enough. */
function namedBases(
  bases: readonly string[],
): { readonly target: string; readonly name: string; readonly base: string }[] {
  const parts = bases.map((base) =>
    base
      .replace(/(?:\.tar\.gz|\.tgz|\.tar)$/, '')
      .split(/[\\/]+/)
      .filter((part) => part !== '' && part !== '.'),
  );
  const lengths = parts.map((own) => {
    for (let length = 1; length < own.length; length++) {
      const end = own.slice(-length).join('-');
      if (parts.filter((other) => other.slice(-length).join('-') === end).length === 1) return length;
    }
    return own.length;
  });
  return bases.map((base, at) => {
    const name = (parts[at] ?? [])
      .slice(-(lengths[at] ?? 1))
      .join('-')
      .replaceAll(':', '-');
    return { target: `${allTargetName}--${name}`, name, base };
  });
}
