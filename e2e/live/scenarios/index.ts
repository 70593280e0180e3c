import type { LiveRelease } from '../../support/live/scenario.js';
import { cookbook } from './cookbook.js';
import { exchanges } from './exchanges.js';
import { fieldGuide } from './field-guide.js';
import { moves } from './moves.js';
import { orders } from './order.js';
import { realProjects } from './real-projects.js';
import { reviewed } from './reviewed.js';
import { stateMachines } from './state-machines.js';
import { trees } from './trees.js';

/** All scenarios, by the release in which they share a node. */
export const catalogue: readonly LiveRelease[] = [
  { name: 'cookbook', scenarios: cookbook },
  { name: 'trees', scenarios: trees },
  { name: 'field guide', scenarios: fieldGuide },
  { name: 'calls', scenarios: [...moves, ...exchanges, ...orders] },
  { name: 'real projects', scenarios: [...realProjects, ...stateMachines] },
  { name: 'reviewed', scenarios: reviewed },
];
