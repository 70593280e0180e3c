/**
 * fast-glob, loaded when it is first needed: it takes a quarter of the time that loading this package does, and
 * planning an upgrade needs it only where there are reviewed appups.
 */
export async function loadGlob() {
  return (await import('fast-glob')).default;
}
