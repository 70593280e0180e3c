import { tupleOf, type Term } from '@nx-otp/core/workspace';
import { elementsOf, termsIn } from './erlang-files';
import { readText } from './project-files';

/** A dependency that a lock file pins. */
export interface LockedPackage {
  /** As the project names it; the package may be called otherwise. */
  readonly name: string;
  readonly packageName: string;
  /** The version of a package of Hex, the revision of a repository. */
  readonly version: string;
  /** Where the lock file has one. */
  readonly hash: string | undefined;
  readonly source: 'hex' | 'git';
  /** The names of those it needs, where the lock file says so. */
  readonly needs: readonly string[];
}

/** @param path of a `rebar.lock` or a `mix.lock`; one that cannot be read pins nothing */
export function readLockFile(path: string): LockedPackage[] {
  const locked = path.endsWith('mix.lock') ? readMixLock(path) : readRebarLock(path);
  return locked.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** `{Version, Dependencies}.` and the hashes; rebar3 before 3.4 wrote the dependencies alone. */
function readRebarLock(path: string): LockedPackage[] {
  const [first, second] = termsIn(path);
  const hashes = new Map<string, string>();
  for (const kind of elementsOf(second)) {
    const [tag, entries] = tupleOf(kind, undefined, 2)?.elements ?? [];
    if (tag?.kind !== 'atom' || tag.name !== 'pkg_hash') continue;
    for (const entry of elementsOf(entries)) {
      const [name = '', hash = ''] = (tupleOf(entry, undefined, 2)?.elements ?? []).map(textOf);
      hashes.set(name, hash);
    }
  }
  const versioned = first && tupleOf(first, undefined, 2)?.elements[1];
  return elementsOf(versioned ?? first).flatMap((dependency): LockedPackage[] => {
    const [nameTerm, where] = tupleOf(dependency, undefined, 3)?.elements ?? [];
    const name = nameTerm && textOf(nameTerm);
    const [kind, ...rest] = where?.kind === 'tuple' ? where.elements : [];
    if (name === undefined || name === '' || kind?.kind !== 'atom') return [];
    const common = { name, hash: hashes.get(name), needs: [] };
    if (kind.name === 'pkg') {
      const [packageName = name, version = ''] = rest.map(textOf);
      return [{ ...common, packageName, version, source: 'hex' }];
    }
    const revision = rest.flatMap((part) => tupleOf(part, 'ref', 2)?.elements[1] ?? []).map(textOf)[0];
    return [{ ...common, packageName: name, version: revision ?? '', source: 'git' }];
  });
}

function textOf(term: Term): string {
  if (term.kind === 'binary') return new TextDecoder().decode(term.bytes);
  return term.kind === 'string' ? term.value : '';
}

/** mix writes one dependency to a line. */
function readMixLock(path: string): LockedPackage[] {
  return readText(path)
    .split('\n')
    .flatMap((line): LockedPackage[] => {
      const hex =
        /^\s*"([^"]+)": \{:hex, :"?([\w@!?-]+)"?, "([^"]+)", "([0-9a-f]*)", \[[^\]]*\], (\[.*\])/.exec(line);
      if (hex !== null) {
        const [, name = '', packageName = '', version = '', hash, rest = ''] = hex;
        // Each is {:name, "requirement", [options]}; among the options no tuple begins.
        const needs = [...rest.matchAll(/\{:"?([\w@!?]+)"?, /g)].map(([, needed]) => needed ?? '');
        return [{ name, packageName, version, hash, source: 'hex', needs }];
      }
      const git = /^\s*"([^"]+)": \{:git, "[^"]*", "([^"]*)"/.exec(line);
      const [, name = '', version = ''] = git ?? [];
      return git === null
        ? []
        : [{ name, packageName: name, version, hash: undefined, source: 'git', needs: [] }];
    });
}
