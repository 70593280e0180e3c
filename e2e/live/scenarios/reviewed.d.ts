import type { Scenario } from '../../support/live/scenario.js';
/** Upgrades that only a person can decide, with the appup that person has reviewed. */
export declare const reviewed: readonly Scenario[];
//# sourceMappingURL=reviewed.d.ts.map