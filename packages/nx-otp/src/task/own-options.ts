import { OtpError } from '@nx-otp/core';
import type { ExecutorContext, TargetConfiguration, Task, TaskGraph } from '@nx/devkit';
import { forwardedParameters, readersOf, takenFromAbove } from './chain-options';

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
 * @throws OtpError (`option-of-another-target`) for an option of the target that was asked for that does nothing there
 */
export function ownOptions<Options extends object>(options: Options, context: ExecutorContext): Options {
  const task = taskOf(context);
  if (task === undefined || !isDependency(task.id, context.taskGraph)) {
    refuseOptionsOfOthers(options, context);
    return options;
  }
  const { project, target, configuration } = task.target;
  const ofProject = context.projectGraph.nodes[project]?.data.targets?.[target];
  const configured = configuredOptions(ofProject, configuration);
  const own = new Map(Object.entries(options));
  for (const name of Object.keys(task.overrides)) {
    if (takenFromAbove(ofProject?.executor, name)) continue;
    if (name in configured) own.set(name, configured[name]);
    else own.delete(name);
  }
  return Object.fromEntries(own) as Options;
}

/** The schemas let the options of other targets pass, which reach them as forwarded parameters; said here, they are lost. */
function refuseOptionsOfOthers(options: object, context: ExecutorContext): void {
  const { projectName = 'PROJECT', targetName = '' } = context;
  const executorOf = (project: string | undefined, target: string | undefined): string | undefined =>
    context.projectGraph.nodes[project ?? '']?.data.targets?.[target ?? '']?.executor;
  const own = executorOf(projectName, targetName);
  const running = Object.values(context.taskGraph?.tasks ?? {}).map(({ target }) =>
    executorOf(target.project, target.target),
  );
  for (const name of Object.keys(options)) {
    const readers = readersOf(name);
    if (readers === undefined || own === undefined || readers.includes(own)) continue;
    if (forwardedParameters.includes(name) && readers.some((reader) => running.includes(reader))) continue;
    const others = readers.map((reader) => reader.replace('nx-otp:', ''));
    throw new OtpError(
      `${name} is an option of ${others.join(' and ')}, and does nothing for ${targetName}.`,
      {
        code: 'option-of-another-target',
        fix: `Give it to that target (nx run ${projectName}:${others[0] ?? ''} --${name}=...), or set it in its options.`,
      },
    );
  }
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
