import { createNodes } from './graph/create-nodes';

export const name = 'nx-otp';

export { createNodes };
/** Nx before 22 looks for this name. */
export const createNodesV2 = createNodes;
