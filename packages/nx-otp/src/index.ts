import { createNodes } from './graph/create-nodes';

export const name = 'nx-otp';

export { createNodes };
/** Under the name by which Nx 21 knows it. */
export const createNodesV2 = createNodes;
export { createDependencies } from './graph/create-dependencies';
export type { PluginOptions } from './graph/plugin-options';
