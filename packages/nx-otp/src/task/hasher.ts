import type { CustomHasher, HasherContext } from '@nx/devkit';
import { forwardedParameters, isDependency } from './own-options';

/**
 * Takes the path of the previous release out of a task's hash: `previous-release` has brought the release into the
 * workspace, and its content is among the inputs (`dependentTasksOutputFiles`), so that the same release at another
 * place is a cache hit. Everything else is hashed by Nx.
 *
 * Nx knows no other way to leave a parameter out. It says that custom hashers go in Nx 25; without this one
 * another path is a cache miss, and nothing else changes.
 */
// eslint-disable-next-line @typescript-eslint/no-deprecated -- as said above
const hasher: CustomHasher = (task, context: HasherContext & { env?: NodeJS.ProcessEnv }) => {
  // A dependency takes nothing else from the command line (`ownOptions`).
  const overrides = isDependency(task.id, context.taskGraph)
    ? []
    : Object.entries<unknown>(task.overrides).filter(([name]) => !forwardedParameters.includes(name));
  return context.hasher.hashTask(
    { ...task, overrides: Object.fromEntries(overrides) },
    context.taskGraph,
    context.env ?? process.env,
  );
};

export default hasher;
