import { posix } from 'node:path';
import { OtpError } from '@nx-otp/core';
import type { Tree } from '@nx/devkit';
import type { DescribedRelease } from './described-release';

/**
 * Writes a release into `project` of a `mix.exs` as `mix new` lays it out: one entry on each line, in a list that
 * `def project do` holds. Every other byte stays.
 * @throws OtpError `release-exists`; `mix-exs` with what to add, for a file of another form
 */
export function addMixRelease(tree: Tree, release: DescribedRelease): void {
  const file = posix.join(release.folder, 'mix.exs');
  const text = tree.read(file, 'utf8') ?? '';
  const list = projectList(text);
  if (list === undefined) throw byHand(release, file, 'def project is not a list as mix new writes it');
  const masked = maskText(text);
  const releases = entryIn(masked, list, 'releases');
  if (releases !== undefined) {
    if (new RegExp(`\\b${release.name}:`).test(masked.slice(releases))) {
      throw new OtpError(`there is a release ${release.name} already, as it seems.`, {
        code: 'release-exists',
        file,
        fix: 'Give the new one another name, or edit that one.',
      });
    }
    throw byHand(release, file, 'it has releases: already');
  }
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const added = ['releases: [', ...entry(release).map((line) => `  ${line}`), ']']
    .map((line) => list.indent + line)
    .join(eol);
  tree.write(file, `${text.slice(0, list.end)}${list.comma}${eol}${added}${text.slice(list.end)}`);
}

/** As `mix format` lays it out, whatever its length. */
function entry({ name, applications }: DescribedRelease): string[] {
  const started = ['sasl', ...applications.map((application) => application.name)];
  return [
    `${name}: [`,
    '  applications: [',
    ...started.map((each, at) => `    ${each}: :permanent${at < started.length - 1 ? ',' : ''}`),
    '  ]',
    ']',
  ];
}

function byHand(release: DescribedRelease, file: string, why: string): OtpError {
  const lines = entry(release).map((line) => `    ${line}`);
  return new OtpError(`${why}, and nothing was changed.`, {
    code: 'mix-exs',
    file,
    fix: `Write into it, in def project:\n\n  releases: [\n${lines.join('\n')}\n  ]\n`,
  });
}

interface ProjectList {
  /** Of its opening bracket. */
  readonly start: number;
  /** After its last entry, and after what follows on its line. */
  readonly end: number;
  /** What its entries begin with. */
  readonly indent: string;
  /** What is still to be written after the last entry. */
  readonly comma: ',' | '';
}

/** The list that `def project do` is, where its entries stand on lines of their own. */
function projectList(text: string): ProjectList | undefined {
  const masked = maskText(text);
  const [head] = /^[ \t]*def project(?:\(\))?,? do:?\s*\[/m.exec(masked) ?? [];
  if (head === undefined) return undefined;
  const start = masked.indexOf(head) + head.length - 1;
  const close = closing(masked, start);
  if (close === undefined) return undefined;
  // Nothing but the list: what stands behind it would be its value.
  const isAll = /^\s*end\b/.test(masked.slice(close + 1)) || !/\bdo\s*\[$/.test(head);
  const inside = masked.slice(start + 1, close);
  const [, indent] = /^[ \t]*\r?\n([ \t]+)\w+:/.exec(inside.replace(/^(?:[ \t]*\r?\n)+/, '\n')) ?? [];
  const end = start + 1 + inside.trimEnd().length;
  // A comment after it would take the comma.
  if (!isAll || indent === undefined || text.slice(end, close).trim() !== '') return undefined;
  return { start, end, indent, comma: masked[end - 1] === ',' ? '' : ',' };
}

/** Where the entry `key:` of the list itself begins, and not that of a list in it. */
function entryIn(masked: string, list: ProjectList, key: string): number | undefined {
  let depth = 0;
  for (let at = list.start; at < list.end; at++) {
    const character = masked[at] ?? '';
    if ('[{('.includes(character)) depth++;
    else if (')}]'.includes(character)) depth--;
    else if (depth === 1 && masked.startsWith(`${key}:`, at) && !/\w/.test(masked[at - 1] ?? '')) return at;
  }
  return undefined;
}

function closing(masked: string, open: number): number | undefined {
  let depth = 0;
  for (let at = open; at < masked.length; at++) {
    const character = masked[at] ?? '';
    if ('[{('.includes(character)) depth++;
    else if (')}]'.includes(character) && --depth === 0) return at;
  }
  return undefined;
}

/** The same length and lines, with blanks for what strings and comments hold. */
function maskText(text: string): string {
  return text.replace(/"""[^]*?"""|"(?:\\[^]|[^"\\])*"|'(?:\\[^]|[^'\\])*'|\?\\?[^\s]|#[^\n]*/g, (token) =>
    token.replace(/[^\r\n]/g, token.startsWith('#') ? ' ' : '_'),
  );
}
