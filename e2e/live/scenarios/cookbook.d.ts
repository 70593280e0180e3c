import type { Scenario } from '../../support/live/scenario.js';
/** The sections of OTP's Appup Cookbook. */
export declare const cookbook: readonly Scenario[];
//# sourceMappingURL=cookbook.d.ts.map