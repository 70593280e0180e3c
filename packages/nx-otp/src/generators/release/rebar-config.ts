import { posix } from 'node:path';
import { atomName, listElements, OtpError, readTerms, tupleOf, type Term, type TermFile } from '@nx-otp/core';
import type { Tree } from '@nx/devkit';
import type { DescribedRelease } from './described-release';
import { listAfter } from './erlang-layout';

/**
 * Writes a release into `rebar.config`: as its first where it has none, with `config/sys.config` and `config/vm.args`,
 * else beside the others. Every other byte stays.
 * @throws OtpError `release-exists`, `rebar-config` for what only a person can edit, `term-syntax`
 */
export function addRelxRelease(tree: Tree, release: DescribedRelease): void {
  const file = posix.join(release.folder, 'rebar.config');
  refuseElsewhere(tree, release);
  const before = tree.exists(file) ? (tree.read(file) ?? Buffer.alloc(0)) : undefined;
  const config = readTerms(before ?? '', file);
  const relx = config.terms.find((term) => tupleOf(term, 'relx'));
  if (relx === undefined) {
    const text = before === undefined ? '{erl_opts, [debug_info]}.\n{deps, []}.\n' : config.text;
    write(tree, config, `${text.trimEnd()}\n\n${relxTerm(release)}`);
    addConfiguration(tree, release);
  } else {
    write(tree, config, withRelease(config, relx, release));
  }
}

/** relx says which files it reads only here. */
function relxTerm(release: DescribedRelease): string {
  return `{relx, [
${releaseTerm(release, 4)},
    %% With the emulator, and without links into the build.
    {mode, prod},
    {sys_config, "./config/sys.config"},
    {vm_args, "./config/vm.args"}
]}.
`;
}

function releaseTerm({ name, version, applications }: DescribedRelease, indent: number): string {
  const all = [...applications.map((application) => application.name), 'sasl'];
  return listAfter(`{release, {${name}, "${version}"}, `, all, '}', { indent });
}

function addConfiguration(tree: Tree, { folder, name, applications }: DescribedRelease): void {
  const entries = applications.map((application) => `    {${application.name}, []}`);
  const files = {
    'config/sys.config': `[\n${entries.join(',\n')}\n].\n`,
    'config/vm.args': `-sname ${name}\n\n-setcookie ${name}_cookie\n`,
  };
  for (const [path, text] of Object.entries(files)) {
    const file = posix.join(folder, path);
    if (!tree.exists(file)) tree.write(file, text);
  }
}

function withRelease(config: TermFile, relx: Term, release: DescribedRelease): string {
  const terms = tupleOf(relx, 'relx', 2)?.elements[1];
  const [first] = (terms && listElements(terms)) ?? [];
  const range = first && config.rangeOf(first);
  if (terms === undefined || first === undefined || range === undefined) {
    throw new OtpError('relx is not a list of terms.', {
      code: 'rebar-config',
      file: config.file,
      ...position(config, relx),
      fix: `Nothing was changed. Add to it: ${releaseTerm(release, 0)}`,
    });
  }
  const present = (listElements(terms) ?? []).find((term) => releaseName(term) === release.name);
  if (present !== undefined) {
    throw new OtpError(`there is a release ${release.name} already.`, {
      code: 'release-exists',
      file: config.file,
      ...position(config, present),
      fix: 'Give the new one another name, or edit that one.',
    });
  }
  const { text } = config;
  const indent = range.start - (text.lastIndexOf('\n', range.start - 1) + 1);
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const added = releaseTerm(release, indent).trimStart().replaceAll('\n', eol);
  return `${text.slice(0, range.start)}${added},${eol}${' '.repeat(indent)}${text.slice(range.start)}`;
}

function releaseName(term: Term): string | undefined {
  const named = tupleOf(term, 'release')?.elements[1];
  return named && (atomName(named) ?? atomName(tupleOf(named)?.elements[0] ?? named));
}

function position(config: TermFile, term: Term): { position?: { line: number; column: number } } {
  const found = config.positionOf(term);
  return found === undefined ? {} : { position: found };
}

function write(tree: Tree, config: TermFile, text: string): void {
  if (!config.complete) {
    throw new OtpError('it has bytes that are not UTF-8.', {
      code: 'rebar-config',
      file: config.file,
      fix: 'Nothing was changed. Save it as UTF-8, or begin it with %% coding: latin-1.',
    });
  }
  tree.write(config.file, Buffer.from(text, config.encoding === 'latin-1' ? 'latin1' : 'utf8'));
}

/** A script decides what a configuration says in the end, and relx.config is read where rebar.config has no relx. */
function refuseElsewhere(tree: Tree, release: DescribedRelease): void {
  for (const name of ['rebar.config.script', 'relx.config']) {
    const file = posix.join(release.folder, name);
    if (!tree.exists(file)) continue;
    throw new OtpError('it describes the releases of this project, and only you know how.', {
      code: 'rebar-config',
      file,
      fix: `Nothing was changed. Add ${name === 'relx.config' ? 'to it' : 'to relx in rebar.config or here'}: ${releaseTerm(release, 0)}`,
    });
  }
}
