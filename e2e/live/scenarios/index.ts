import type { Scenario } from '../../support/live/scenario.js';
import { cookbook } from './cookbook.js';
import { fieldGuide } from './field-guide.js';
import { realProjects } from './real-projects.js';
import { orders } from './order.js';
import { reviewed } from './reviewed.js';

export const everything: readonly Scenario[] = [
  ...cookbook,
  ...fieldGuide,
  ...realProjects,
  ...reviewed,
  ...orders,
];
export { byHand } from './by-hand.js';
