import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { OtpError, reviewableAppups, type ReviewableAppup } from '@nx-otp/core';
import {
  createProjectGraphAsync,
  type ProjectConfiguration,
  type ProjectGraph,
  type TargetConfiguration,
  type Tree,
} from '@nx/devkit';
import { configuredOptions } from '../../task/own-options';
import type { AppupGeneratorOptions } from './schema';

/** Writes the appups that were planned for a project into its folder of reviewed ones. */
export default async function appup(tree: Tree, options: AppupGeneratorOptions): Promise<void> {
  // The targets of a project may be inferred, and only the graph knows those.
  writeReviewedAppups(tree, options, await createProjectGraphAsync());
}

/**
 * @throws OtpError when nothing was planned (`appups-missing`), there is no such project or application
 *   (`project-missing`, `application-missing`), or files say something else (`reviewed-appup-differs`, with all of them;
 *   none is written then)
 */
export function writeReviewedAppups(tree: Tree, options: AppupGeneratorOptions, graph: ProjectGraph): void {
  const { project, application, force = false } = options;
  const { index, reviewed } = placesOf(tree, graph, project);
  const appups = ofApplication(plannedAppups(tree, index, project), application, index);
  if (appups.length === 0) {
    console.log(`${index}: every section is written by hand already, so there is nothing to write.`);
  }
  const files = appups.map((appup) => ({ appup, file: join(reviewed, appup.path) }));
  refuseToOverwrite(tree, files, force);
  for (const { appup, file } of files) {
    if (contentOf(tree, file) !== appup.text) tree.write(file, appup.text);
  }
}

interface Places {
  /** What `generate-appups` planned; both relative to the workspace root. */
  readonly index: string;
  /** Where it looks for what people wrote. */
  readonly reviewed: string;
}

function placesOf(tree: Tree, graph: ProjectGraph, project: string): Places {
  const data = graph.nodes[project]?.data;
  if (data === undefined) {
    throw new OtpError(`there is no project ${project}.`, {
      code: 'project-missing',
      fix: 'List the projects: nx show projects',
    });
  }
  const { outputPath, appupsPath } = pathOptions(planningTarget(data, project));
  return {
    index: join(inWorkspace(tree, outputPath ?? join(data.root, 'dist', 'appups')), 'appups.json'),
    reviewed: inWorkspace(tree, appupsPath ?? join(data.root, 'rel', 'appups')),
  };
}

function planningTarget({ targets = {} }: ProjectConfiguration, project: string): TargetConfiguration {
  const planning = Object.entries(targets).filter(
    ([, { executor }]) => executor === 'nx-otp:generate-appups',
  );
  const [, target] = planning.find(([name]) => name === 'generate-appups') ?? planning[0] ?? [];
  if (target !== undefined) return target;
  throw new OtpError(`the project ${project} has no target that plans appups.`, {
    code: 'project-missing',
    fix:
      'A project gets one from its rel/reltool.config and "plugins": ["nx-otp"] in nx.json. To see its targets: nx show project ' +
      project,
  });
}

function pathOptions(target: TargetConfiguration): { outputPath?: string; appupsPath?: string } {
  const { outputPath, appupsPath } = configuredOptions(target, undefined);
  return {
    ...(typeof outputPath === 'string' && { outputPath }),
    ...(typeof appupsPath === 'string' && { appupsPath }),
  };
}

/** A path relative to the root of the workspace. */
function inWorkspace(tree: Tree, path: string): string {
  const way = relative(tree.root, resolve(tree.root, path));
  if (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)) return way;
  throw new OtpError('it lies outside of the workspace, where generators cannot write.', {
    code: 'output-path',
    file: path,
    fix: 'Set outputPath and appupsPath of generate-appups to folders in the workspace.',
  });
}

function plannedAppups(tree: Tree, index: string, project: string): ReviewableAppup[] {
  const fix = `To plan appups: nx run ${project}:generate-appups --previousRelease=PATH`;
  const text = contentOf(tree, index);
  if (text === undefined) {
    throw new OtpError('there is no such file, so no appups were planned.', {
      code: 'appups-missing',
      file: index,
      fix,
    });
  }
  try {
    return reviewableAppups(text, index);
  } catch (error) {
    if (!(error instanceof OtpError) || error.code !== 'appups-missing') throw error;
    throw new OtpError(error.problem, { code: error.code, file: index, fix, cause: error });
  }
}

function ofApplication(
  planned: readonly ReviewableAppup[],
  application: string | undefined,
  index: string,
): readonly ReviewableAppup[] {
  const found = planned.filter((appup) => application === undefined || appup.application === application);
  if (found.length > 0 || application === undefined) return found;
  const names = [...new Set(planned.map((appup) => appup.application))];
  throw new OtpError(`no section for ${application} was planned that is not written by hand already.`, {
    code: 'application-missing',
    file: index,
    fix:
      names.length === 0
        ? 'Nor is there one for another application.'
        : `There are some for ${names.join(', ')}.`,
  });
}

function refuseToOverwrite(
  tree: Tree,
  files: readonly { readonly appup: ReviewableAppup; readonly file: string }[],
  force: boolean,
): void {
  const refused = files.flatMap(({ appup: { text, written }, file }) => {
    const there = contentOf(tree, file);
    if (there === undefined || there === text) return [];
    // What a person wrote for one direction may stand in this very file, and the planned text does not have it.
    const [direction] = written;
    if (direction !== undefined) {
      const [mine, planned] = direction === 'up' ? ['up from', 'down to'] : ['down to', 'up from'];
      return `${file}: its section ${mine} is written by hand, and stays. Write the one ${planned} into it, which generate-appups prints.`;
    }
    if (force) return [];
    return `${file}: it says something else than what was planned. Delete it, or give --force to replace it.`;
  });
  if (refused.length > 0) throw new OtpError(refused.join('\n'), { code: 'reviewed-appup-differs' });
}

/** With the line ends that are ours, whatever git makes of them in a checkout; undefined where there is no such file. */
function contentOf(tree: Tree, file: string): string | undefined {
  const text = tree.isFile(file) ? tree.read(file, 'utf8') : null;
  return text?.replaceAll('\r\n', '\n');
}
