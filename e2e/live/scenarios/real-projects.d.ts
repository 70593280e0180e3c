import type { Scenario } from '../../support/live/scenario.js';
/** What was seen when consecutive releases of well-known libraries were upgraded live. */
export declare const realProjects: readonly Scenario[];
//# sourceMappingURL=real-projects.d.ts.map