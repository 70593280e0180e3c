/** `~> 0.1`, `== 1.2.3`, `1.2.3`: an operator and a version. */
const simple = /^(~>|==|!=|>=|<=|>|<)?\s*(\d+(?:\.\d+){0,2}(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?)$/;

/** How a requirement is to be written that does not let the new version in: with the operator it has, or with this one. */
export type RequirementOperator = 'as written' | '~>' | '==' | 'none';

/**
 * The requirement of a dependency that has a new version, by the rules of Hex; the same text where that fits, and undefined
 * where it does not fit and only a person can say what is meant: one of several parts, or one that keeps newer
 * versions out.
 * @param keepMatching whether a requirement that lets the version in stays as it is
 */
export function requirementFor(
  requirement: string,
  version: string,
  { operator, keepMatching }: { readonly operator: RequirementOperator; readonly keepMatching: boolean },
): string | undefined {
  if (keepMatching && isMet(requirement, version)) return requirement;
  const [, written, of] = simple.exec(requirement.trim()) ?? [];
  if (of === undefined) return isMet(requirement, version) ? requirement : undefined;
  switch (operator) {
    case '~>':
      return `~> ${version}`;
    case '==':
      return `== ${version}`;
    case 'none':
      return version;
    case 'as written':
      break;
  }
  if (written === '<' || written === '<=' || written === '!=' || written === '>') {
    return isMet(requirement, version) ? requirement : undefined;
  }
  if (written === undefined) return version;
  const space = requirement.trim().slice(written.length).startsWith(' ') ? ' ' : '';
  // `~> 0.1` is another promise than `~> 0.1.0`.
  const parts = of.split('-')[0]?.split('.').length ?? 3;
  const shown =
    written === '~>' && /^\d+(\.\d+)*$/.test(version)
      ? version.split('.').slice(0, parts).join('.')
      : version;
  return `${written}${space}${shown}`;
}

/** Whether a version meets a requirement of Hex, as `Version.match?/2` has it. */
function isMet(requirement: string, version: string): boolean {
  return requirement.split(/\s+or\s+/).some((part) =>
    part.split(/\s+and\s+/).every((condition) => {
      const [, operator = '==', of] = simple.exec(condition.trim()) ?? [];
      return of !== undefined && isMetBy(version, operator, of);
    }),
  );
}

function isMetBy(version: string, operator: string, of: string): boolean {
  const order = compareVersions(version, of);
  switch (operator) {
    case '==':
      return order === 0;
    case '!=':
      return order !== 0;
    case '>=':
      return order >= 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '<':
      return order < 0;
    default: {
      // `~> 1.2` up to 2.0, `~> 1.2.3` up to 1.3
      const fixed = numbersOf(of).slice(0, -1);
      const own = numbersOf(version);
      return order >= 0 && fixed.every((number, at) => number === (own[at] ?? 0));
    }
  }
}

/** By semantic versioning, with any count of numbers. */
function compareVersions(left: string, right: string): number {
  const [a, b] = [numbersOf(left), numbersOf(right)];
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return comparePreReleases(preReleaseOf(left), preReleaseOf(right));
}

function comparePreReleases(left: readonly string[], right: readonly string[]): number {
  if (left.length === 0 || right.length === 0) return right.length - left.length;
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const [a, b] = [left[at], right[at]];
    if (a === undefined || b === undefined) return a === undefined ? -1 : 1;
    if (a === b) continue;
    const [first, second] = [Number(a), Number(b)];
    if (Number.isNaN(first) && Number.isNaN(second)) return a < b ? -1 : 1;
    if (Number.isNaN(first) || Number.isNaN(second)) return Number.isNaN(first) ? 1 : -1;
    return first - second;
  }
  return 0;
}

function numbersOf(version: string): number[] {
  return (version.split(/[-+]/)[0] ?? '').split('.').map(Number);
}

function preReleaseOf(version: string): string[] {
  const text = /^[^-+]*-([^+]+)/.exec(version)?.[1];
  return text === undefined ? [] : text.split('.');
}
