import { createNodes as inferredProjects } from './graph/create-nodes';
import { releasedByNx } from './graph/nx-release';

export const name = 'nx-otp';

export const createNodes = releasedByNx(inferredProjects);
/** Under the name by which Nx 21 knows it. */
export const createNodesV2 = createNodes;
export { createDependencies } from './graph/create-dependencies';
export type { PluginOptions } from './graph/plugin-options';
