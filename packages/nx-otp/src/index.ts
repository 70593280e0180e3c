import { createNodes as inferredProjects } from './graph/create-nodes';
import { releasedByNx } from './graph/nx-release';

export const name = 'nx-otp';

export const createNodes = releasedByNx(inferredProjects);
