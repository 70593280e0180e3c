/** A version that semantic versioning knows how to raise, once it has three numbers. */
const numbers = /^(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*)){0,2}$/;

/**
 * `0.1` as `0.1.0`: a version of one or two numbers as semantic versioning wants it; undefined for all others.
 */
export function withThreeNumbers(version: string): string | undefined {
  if (!numbers.test(version)) return undefined;
  const parts = version.split('.');
  return parts.length < 3 ? [...parts, '0', '0'].slice(0, 3).join('.') : undefined;
}

/** The other way round: `0.2.0` as `0.2` where `like` has two numbers, and `0.1.1` as it is. */
export function writtenLike(version: string, like: string): string {
  let shortened = version;
  const length = like.split('.').length;
  while (numbers.test(shortened) && shortened.endsWith('.0') && shortened.split('.').length > length) {
    shortened = shortened.slice(0, -2);
  }
  return shortened;
}

/**
 * The next version of what was corrected: `0.1.0` → `0.1.1`, `0.1` → `0.1.1`, `1.2.3.4` → `1.2.3.5`, `1.0.0-rc.1` → `1.0.0`,
 * `2026.02.01` → `2026.02.02`. Undefined where nobody could say what comes next, as after `R16B`.
 */
export function nextPatch(version: string): string | undefined {
  const padded = withThreeNumbers(version);
  if (padded !== undefined) return raised(padded);
  const preRelease = /^((?:\d+\.){2}\d+)-/.exec(version)?.[1];
  if (preRelease !== undefined) return preRelease;
  const withoutBuild = version.replace(/\+.*$/, '');
  return /\d[._~-]\d+$/.test(withoutBuild) ? raised(withoutBuild) : undefined;
}

/** With the last number one higher, and no shorter than it was. */
function raised(version: string): string {
  return version.replace(/\d+$/, (last) => (BigInt(last) + 1n).toString().padStart(last.length, '0'));
}
