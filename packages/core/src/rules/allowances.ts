import type { Allowance } from '../appup';
import { rules } from './codes';
import type { Diagnostic } from './diagnostic';

const aboutPolicy: readonly string[] = ['allowance-unused', 'policy-unmatched'];

/**
 * The rules that a project may allow: not those without which there is no relup, nor those of an installation, which has
 * no configuration, nor those about the policy itself.
 */
export const allowableRules: readonly string[] = Object.entries(rules)
  .filter(([code, { stage }]) => (stage === 'plan' || stage === 'package') && !aboutPolicy.includes(code))
  .map(([code]) => code);

export interface AllowedFindings {
  /** All findings; those that are allowed no longer block. */
  readonly diagnostics: readonly Diagnostic[];
  /** Entries that no finding matches. */
  readonly unused: readonly Allowance[];
}

/**
 * What the project lives with: an error or a warning becomes an `info` that says why. An entry allows the findings of its
 * rule for the application and the module that it names; one that names neither allows only findings about the release
 * as a whole, so that nobody allows more than was looked at.
 */
export function applyAllowances(
  diagnostics: readonly Diagnostic[],
  allow: readonly Allowance[],
): AllowedFindings {
  const used = new Set<Allowance>();
  const judged = diagnostics.map((diagnostic): Diagnostic => {
    const matching = allow.filter((entry) => matches(entry, diagnostic));
    for (const entry of matching) used.add(entry);
    const [first] = matching;
    return first === undefined || diagnostic.severity === 'info'
      ? diagnostic
      : { ...diagnostic, severity: 'info', allowed: first.reason };
  });
  return { diagnostics: judged, unused: allow.filter((entry) => !used.has(entry)) };
}

function matches({ rule, application, module }: Allowance, diagnostic: Diagnostic): boolean {
  if (rule !== diagnostic.code) return false;
  if (application === undefined && module === undefined) {
    return diagnostic.application === undefined && diagnostic.module === undefined;
  }
  // A finding about a module need not name its application, nor an entry.
  const isOfApplication =
    application === undefined ||
    application === diagnostic.application ||
    (diagnostic.application === undefined && module !== undefined);
  return isOfApplication && (module === undefined || module === diagnostic.module);
}

/** The finding for an entry that allows nothing: what it was written for is gone, or it has a wrong name. */
export function allowanceUnused({ rule, application, module, reason }: Allowance): Diagnostic {
  const subject = [
    ...(application === undefined ? [] : [`the application ${application}`]),
    ...(module === undefined ? [] : [`the module ${module}`]),
  ].join(' and ');
  return {
    code: 'allowance-unused',
    severity: 'warning',
    ...(application !== undefined && { application }),
    ...(module !== undefined && { module }),
    message: `${rule} is allowed for ${subject === '' ? 'the release as a whole' : subject} (${reason}), and there is no such finding.`,
    fix: 'Remove the entry, so that it does not allow what comes later, or correct the names in it; an entry without application and module is for findings that have neither.',
  };
}
