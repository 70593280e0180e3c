import type { Allowance } from '../appup';
import { allowanceUnused, applyAllowances, isRuleCode, rules, type Diagnostic } from '../rules';

/**
 * What is found while appups are planned, and while a package is made of them. `packaging` plans again, from appups that
 * are there already, and finds less of the first kind.
 */
export type FindingStage = 'planning' | 'packaging' | 'both';

/**
 * The findings as the project's allowances leave them, with one for each entry that allows nothing. An entry whose
 * findings come in another stage is not missed in this one.
 */
export function allowedFindings(
  diagnostics: readonly Diagnostic[],
  allow: readonly Allowance[],
  stage: FindingStage,
): readonly Diagnostic[] {
  const { diagnostics: judged, unused } = applyAllowances(diagnostics, allow);
  const missed = unused.filter(
    ({ rule }) => stage === 'both' || isOfPackage(rule) === (stage === 'packaging'),
  );
  return [...judged, ...missed.map(allowanceUnused)];
}

function isOfPackage(rule: string): boolean {
  return isRuleCode(rule) && rules[rule].stage === 'package';
}
