import type { ExecutorContext, TargetConfiguration, Task } from '@nx/devkit';

export interface ContextFields {
  readonly root?: string;
  readonly project?: string;
  readonly target?: string;
  readonly configuration?: string;
  /** The targets of each project, by its name, which is its folder, too. */
  readonly projects: Readonly<Record<string, Readonly<Record<string, TargetConfiguration>>>>;
  /** The tasks that run, by id (`dummy:generate`), and those they depend on. */
  readonly tasks?: Readonly<
    Record<
      string,
      { readonly needs?: readonly string[]; readonly overrides?: Readonly<Record<string, unknown>> }
    >
  >;
}

/** What Nx tells an executor, as far as executors look. */
export function contextOf(fields: ContextFields): ExecutorContext {
  const {
    root = '/ws',
    project = 'dummy',
    target = 'generate-upgrade',
    configuration,
    projects,
    tasks = {},
  } = fields;
  const configurations = Object.entries(projects).map(
    ([name, targets]) => [name, { root: name, targets }] as const,
  );
  return {
    root,
    cwd: root,
    isVerbose: false,
    projectName: project,
    targetName: target,
    ...(configuration !== undefined && { configurationName: configuration }),
    projectsConfigurations: { version: 2, projects: Object.fromEntries(configurations) },
    nxJsonConfiguration: {},
    projectGraph: {
      nodes: Object.fromEntries(configurations.map(([name, data]) => [name, { name, type: 'app', data }])),
      dependencies: {},
    },
    taskGraph: {
      roots: [],
      continuousDependencies: {},
      tasks: Object.fromEntries(
        Object.entries(tasks).map(([id, { overrides = {} }]) => [id, taskOf(id, overrides)]),
      ),
      dependencies: Object.fromEntries(
        Object.entries(tasks).map(([id, { needs = [] }]) => [id, needs.map((needed) => ({ id: needed }))]),
      ),
    },
  };
}

function taskOf(id: string, overrides: Readonly<Record<string, unknown>>): Task {
  const [project = '', target = '', configuration] = id.split(':');
  return {
    id,
    target: { project, target, ...(configuration !== undefined && { configuration }) },
    overrides,
    outputs: [],
    parallelism: true,
    cache: true,
  };
}
