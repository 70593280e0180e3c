import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  OtpError,
  shellCommand,
  startRelease,
  stepsToTry,
  upgradeToTry,
  type StartedRelease,
} from '@nx-otp/core';
import type { ExecutorContext } from '@nx/devkit';
import { builtAt } from './built-revisions';
import { chosenBases } from './chosen-bases';
import { madeBy, outputOfProject, targetOfProject } from './dependency-output';
import { projectOf } from './previous-releases';
import { defaultOutputPath, fromWorkingDirectory, outputOption, refuseEmpty } from './project-paths';

/** Of `start` and `console`. */
export interface RunReleaseOptions {
  previousRelease?: string;
  node?: string;
  fresh?: boolean;
  outputPath?: string;
}

/** @throws OtpError `node-ended` when the node ends by itself and says that it failed; those of `startRelease` */
export async function runRelease(
  options: RunReleaseOptions,
  context: ExecutorContext,
  shell: boolean,
): Promise<void> {
  const { previousRelease, node, fresh } = options;
  const release =
    previousRelease === undefined
      ? madeBy(context, 'nx-otp:generate', 'release', { name: 'release', given: undefined })
      : await previous(previousRelease, context);
  const { asked, code } = await startRelease({
    release,
    folder: outputOption(context, options.outputPath, 'running'),
    ...(node !== undefined && { node }),
    ...(fresh !== undefined && { fresh }),
    shell,
    announce: async (started) => {
      for (const line of await announcement(options, context, release, started)) console.log(line);
    },
  });
  if (asked || code === 0) return;
  throw new OtpError(code === undefined ? 'the node was killed.' : `the node ended with exit code ${code}.`, {
    code: 'node-ended',
  });
}

/** In any of the forms in which a base is given; that of a revision has to be built already. */
async function previous(given: string, context: ExecutorContext): Promise<string> {
  const [base] = await chosenBases([refuseEmpty('previousRelease', given)], projectOf(context));
  if (base?.note !== undefined) console.log(base.note);
  if (base?.kind !== 'revision') return base?.path ?? given;
  const path = builtAt(outputOfProject(context, 'nx-otp:build-base', 'base'), base);
  if (existsSync(join(path, 'releases'))) return path;
  throw new OtpError(`the release of ${given} is not built.`, {
    code: 'previous-release-not-built',
    fix: `Build it first: nx run ${context.projectName ?? 'PROJECT'}:${targetOfProject(context, 'nx-otp:build-base') ?? 'build-base'} --previousRelease=${given}`,
  });
}

async function announcement(
  options: RunReleaseOptions,
  context: ExecutorContext,
  release: string,
  { name, version, layout, path, copy, node, attached }: StartedRelease,
): Promise<string[]> {
  const place = fromWorkingDirectory(path);
  if (attached) return [`a shell on ${node ?? name}, which runs in ${place}`];
  const origin = {
    made: `a copy of ${release}`,
    replaced: `a new copy of ${release}`,
    kept: 'as it was left',
  };
  const folder = outputOption(context, options.outputPath, 'running');
  const again = {
    previousRelease: options.previousRelease,
    node: options.node,
    outputPath: folder === outputOption(context, undefined, 'running') ? undefined : options.outputPath,
  };
  const shell = shellCommand(
    ...[
      'nx',
      'run',
      `${context.projectName ?? 'PROJECT'}:${targetOfProject(context, 'nx-otp:console') ?? 'console'}`,
    ],
    ...Object.entries(again).flatMap(([name, given]) => (given === undefined ? [] : [`--${name}=${given}`])),
  );
  const upgrade = await upgradeToTry(
    fromWorkingDirectory(defaultOutputPath(context, 'upgrade')),
    name,
    version,
  );
  const lines = [
    `${name} ${version} in ${place}, ${origin[copy]}`,
    `node ${node ?? 'without a name'}; Ctrl-C ends it`,
    `for a shell on it, in another terminal: ${shell}`,
  ];
  if (upgrade === undefined) return lines;
  const unpacked = existsSync(join(path, 'releases', upgrade.version));
  const steps = stepsToTry(upgrade, {
    layout,
    name,
    version,
    installation: place,
    node: options.node,
    unpacked,
  });
  return [
    ...lines,
    `to upgrade it to ${upgrade.version}${unpacked ? ', which is unpacked there (--fresh starts without it)' : ''}:`,
    ...steps.map((line) => `  ${line}`),
  ];
}
