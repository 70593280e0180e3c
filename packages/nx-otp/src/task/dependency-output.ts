import { join } from 'node:path';
import type { ExecutorContext } from '@nx/devkit';
import { configuredOptions, dependenciesOf, taskOf } from './own-options';
import { defaultOutputPath, pathOption } from './project-paths';

/**
 * Where the task of this executor, on which this task depends, has put its output; undefined where it depends on none.
 * @param step the folder below `dist` that the executor writes unless it is configured otherwise
 */
export function dependencyOutput(
  context: ExecutorContext,
  executor: string,
  step: string,
): string | undefined {
  return outputsOf(context, executor, step)[0];
}

/** The same for all tasks of that executor on which this task depends. */
export function outputsOf(context: ExecutorContext, executor: string, step: string): string[] {
  const outputs: string[] = [];
  for (const id of dependenciesOf(taskOf(context)?.id ?? '', context.taskGraph)) {
    const target = context.taskGraph?.tasks[id]?.target;
    const project = context.projectGraph.nodes[target?.project ?? ''];
    const configured = project?.data.targets?.[target?.target ?? ''];
    if (project === undefined || configured?.executor !== executor) continue;
    const { outputPath } = configuredOptions(configured, target?.configuration) as { outputPath?: string };
    outputs.push(
      pathOption(context, 'outputPath', outputPath, join(context.root, project.data.root, 'dist', step)),
    );
  }
  return outputs;
}

/** The name of the first target of this executor that the project has; people call targets as they like. */
export function targetOfProject(context: ExecutorContext, executor: string): string | undefined {
  const { targets = {} } = context.projectGraph.nodes[context.projectName ?? '']?.data ?? {};
  return Object.keys(targets).find((name) => targets[name]?.executor === executor);
}

/** Where the target of this executor puts its output, whether or not this task depends on it. */
export function outputOfProject(context: ExecutorContext, executor: string, step: string): string {
  const { targets = {} } = context.projectGraph.nodes[context.projectName ?? '']?.data ?? {};
  const target = targets[targetOfProject(context, executor) ?? ''];
  const { outputPath } = configuredOptions(target, undefined) as { outputPath?: string };
  return pathOption(context, 'outputPath', outputPath, defaultOutputPath(context, step));
}

/** What another step has made: the path that is given, else the output of the dependency that makes it, else `dist/STEP`. */
export function madeBy(
  context: ExecutorContext,
  executor: string,
  step: string,
  option: { readonly name: string; readonly given: string | undefined },
): string {
  return pathOption(
    context,
    option.name,
    option.given,
    dependencyOutput(context, executor, step) ?? defaultOutputPath(context, step),
  );
}
