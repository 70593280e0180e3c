/** What builds leave behind, as git is told to ignore it, and how people may have written the same. */
const entries: readonly { readonly pattern: string; readonly same: readonly string[] }[] = [
  { pattern: '.nx/', same: ['.nx', '.nx/cache'] },
  { pattern: 'dist/', same: ['dist'] },
  { pattern: 'ebin/', same: ['ebin'] },
  { pattern: '_build/', same: ['_build', '_*'] },
  { pattern: '*.beam', same: [] },
  { pattern: 'erl_crash.dump', same: ['*.dump'] },
  // What a killed run may leave beside its output until the next run.
  { pattern: '.*-new-*/', same: ['.*-new-*'] },
  { pattern: '.*-old-*/', same: ['.*-old-*'] },
];

/** The patterns that a `.gitignore` lacks. */
export function missingPatterns(gitignore: string): string[] {
  const there = new Set(gitignore.split(/\r?\n/).map((line) => normal(line.trim())));
  return entries
    .filter(({ pattern, same }) => ![pattern, ...same].some((each) => there.has(normal(each))))
    .map(({ pattern }) => pattern);
}

/** A slash at its end only says that it is a folder; one at its start, that it lies at the root, as most do. */
function normal(pattern: string): string {
  return pattern.replace(/^\/|\/$/g, '');
}

/** The text of a `.gitignore` with more patterns at its end; every line of it stays. */
export function withPatterns(gitignore: string, patterns: readonly string[]): string {
  if (patterns.length === 0) return gitignore;
  const eol = gitignore.includes('\r\n') ? '\r\n' : '\n';
  const before = gitignore === '' || gitignore.endsWith('\n') ? gitignore : gitignore + eol;
  const gap = before === '' ? '' : eol;
  return before + gap + ['# Builds of Erlang/OTP and Elixir', ...patterns].join(eol) + eol;
}
