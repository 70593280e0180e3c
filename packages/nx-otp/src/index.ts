export const name = 'nx-otp';

export { createNodes } from './graph/create-nodes';
