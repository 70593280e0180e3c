/**
 * Orders versions as people mean them: `0.9` before `0.10`, `1.0.0-rc.1` before `1.0.0`, `1.0` before `1.0.1`. What is no
 * number is compared as text, so that any two different versions have an order.
 * @returns negative where `a` is the earlier one, 0 only for equal texts
 */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [partsOf(a), partsOf(b)];
  return (
    compareParts(left.release, right.release) ||
    // A version without one comes after all that have one.
    Number(left.preRelease.length === 0) - Number(right.preRelease.length === 0) ||
    compareParts(left.preRelease, right.preRelease) ||
    compareTexts(a, b)
  );
}

type Part = string | bigint;

/** As in semantic versioning: what follows a `+` names a build, what follows a `-` comes before the release. */
function partsOf(version: string): { release: Part[]; preRelease: Part[] } {
  const [named = ''] = version.split('+');
  const [release = '', ...preRelease] = named.split('-');
  return { release: splitParts(release), preRelease: splitParts(preRelease.join('.')) };
}

function splitParts(text: string): Part[] {
  return (text.match(/\d+|[^\d.]+/g) ?? []).map((part) => (/^\d/.test(part) ? BigInt(part) : part));
}

function compareParts(a: readonly Part[], b: readonly Part[]): number {
  for (const [at, left] of a.entries()) {
    const right = b[at];
    if (right === undefined) return 1;
    if (left === right) continue;
    if (typeof left === 'bigint' && typeof right === 'bigint') return left < right ? -1 : 1;
    // Numbers come first, as in the pre-releases of semantic versioning.
    if (typeof left !== typeof right) return typeof left === 'bigint' ? -1 : 1;
    return compareTexts(String(left), String(right));
  }
  return a.length - b.length;
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
