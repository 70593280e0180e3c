import { OtpError } from '@nx-otp/core/workspace';
import type { TargetConfiguration } from '@nx/devkit';

/**
 * The options of this plugin in `nx.json`. Each target can be called otherwise, by its name in camel case and `TargetName`:
 * `{ "compileTargetName": "build", "generateAppupsTargetName": "appups" }`.
 */
export interface PluginOptions {
  readonly [targetName: `${string}TargetName`]: string | undefined;
  /** Whether applications inside of a release are projects, too, with a target `test` of their own. */
  readonly projectsInReleases?: boolean | undefined;
}

export type Targets = Record<string, TargetConfiguration>;

/** What each target is called, by the name that it has without options. */
export type TargetNames = ReadonlyMap<string, string>;

/**
 * @param targets all that this plugin gives to projects
 * @throws OtpError `plugin-options`
 */
export function targetNames(options: PluginOptions | undefined, targets: readonly string[]): TargetNames {
  const known = new Map(targets.map((target) => [optionOf(target), target]));
  const names = new Map(targets.map((target) => [target, target]));
  for (const [option, value] of Object.entries({ ...options } as Record<string, unknown>)) {
    const target = known.get(option);
    if (target === undefined && option !== 'projectsInReleases') {
      throw wrong(
        `there is no option ${option}.`,
        `There are projectsInReleases, ${[...known.keys()].join(', ')}.`,
      );
    }
    if (target === undefined || value === undefined) continue;
    if (typeof value !== 'string' || !/^[^\s:]+$/.test(value)) {
      throw wrong(`${option} must be the name of a target, and is ${JSON.stringify(value)}.`);
    }
    names.set(target, value);
  }
  const twice = [...names].find(([target, name]) =>
    [...names].some(([other, its]) => other !== target && its === name),
  );
  if (twice !== undefined) {
    const [target, name] = twice;
    throw wrong(
      `two targets would be called ${name}, one of them ${target}.`,
      'Give each a name of its own.',
    );
  }
  return names;
}

function optionOf(target: string): string {
  return `${target.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())}TargetName`;
}

function wrong(problem: string, fix?: string): OtpError {
  return new OtpError(`options of the plugin nx-otp: ${problem}`, {
    code: 'plugin-options',
    file: 'nx.json',
    ...(fix !== undefined && { fix }),
  });
}

/** The targets under the names that they are to have, and so in what they depend on. */
export function renamed(targets: Targets, names: TargetNames): Targets {
  // A target that stands for a part of another is called like it: `rehearse-upgrade--NAME`.
  const nameOf = (target: string): string => {
    const [whole = target, ...part] = target.split('--');
    return [names.get(whole) ?? whole, ...part].join('--');
  };
  return Object.fromEntries(
    Object.entries(targets).map(([target, configuration]) => [
      nameOf(target),
      {
        ...configuration,
        ...(configuration.dependsOn !== undefined && {
          dependsOn: configuration.dependsOn.map((dependency) =>
            typeof dependency === 'string'
              ? dependency.replace(/[^^].*/, nameOf)
              : { ...dependency, target: nameOf(dependency.target) },
          ),
        }),
        ...(configuration.metadata?.help !== undefined && {
          metadata: {
            ...configuration.metadata,
            help: {
              ...configuration.metadata.help,
              command: configuration.metadata.help.command.replace(`:${target} `, `:${nameOf(target)} `),
            },
          },
        }),
      },
    ]),
  );
}
