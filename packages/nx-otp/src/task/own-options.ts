import type { ExecutorContext, TargetConfiguration, Task, TaskGraph } from '@nx/devkit';

/** The parameters that belong to every target of a chain; the others are meant for the target that was asked for. */
export const forwardedParameters: readonly string[] = ['previousRelease', 'previousReleases'];

/** The tasks that a task depends on. */
export function dependenciesOf(taskId: string, taskGraph: TaskGraph | undefined): string[] {
  return (taskGraph?.dependencies[taskId] ?? []).map((edge) => edge.id);
}

/** Whether the task runs for the sake of another one, which forwards its parameters to it. */
export function isDependency(taskId: string, taskGraph: TaskGraph | undefined): boolean {
  return Object.keys(taskGraph?.tasks ?? {}).some((id) => dependenciesOf(id, taskGraph).includes(taskId));
}

/**
 * The options of this task. `params: "forward"` hands all of a command line to every target of the chain, so
 * `nx run dummy:generate-upgrade --outputPath=x` would move the appups, too: what is not meant for a dependency
 * goes back to what its target is configured with.
 */
export function ownOptions<Options extends object>(options: Options, context: ExecutorContext): Options {
  const task = taskOf(context);
  if (task === undefined || !isDependency(task.id, context.taskGraph)) return options;
  const { project, target, configuration } = task.target;
  const configured = configuredOptions(
    context.projectGraph.nodes[project]?.data.targets?.[target],
    configuration,
  );
  const own = new Map(Object.entries(options));
  for (const name of Object.keys(task.overrides)) {
    if (forwardedParameters.includes(name)) continue;
    if (name in configured) own.set(name, configured[name]);
    else own.delete(name);
  }
  return Object.fromEntries(own) as Options;
}

export function taskOf(context: ExecutorContext): Task | undefined {
  const { projectName, targetName, configurationName } = context;
  return Object.values(context.taskGraph?.tasks ?? {}).find(
    ({ target }) =>
      target.project === projectName &&
      target.target === targetName &&
      target.configuration === configurationName,
  );
}

/** The options of a target, those of its configuration over them. */
export function configuredOptions(
  target: TargetConfiguration | undefined,
  configuration: string | undefined,
): Record<string, unknown> {
  const ofConfiguration: unknown = target?.configurations?.[configuration ?? ''];
  return { ...(target?.options as object | undefined), ...(ofConfiguration as object | undefined) };
}
