import type { Scenario } from '../../support/live/scenario.js';
/** The field guide's failures that were reproduced with other generators of appups. */
export declare const fieldGuide: readonly Scenario[];
//# sourceMappingURL=field-guide.d.ts.map