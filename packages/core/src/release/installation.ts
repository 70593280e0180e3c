import { OtpError } from '../error';
import { listElements, readTerms, stringValue, tupleOf, type Term } from '../erlang';

/** How release_handler sees a release of an installation. */
export type InstallationStatus = 'permanent' | 'current' | 'old' | 'unpacked' | 'tmp_current';

/** An entry of `releases/RELEASES`, where release_handler keeps what is installed. */
export interface InstalledRelease {
  readonly name: string;
  readonly version: string;
  readonly ertsVersion: string;
  readonly libraries: readonly InstalledLibrary[];
  readonly status: InstallationStatus;
}

export interface InstalledLibrary {
  readonly name: string;
  readonly version: string;
  /** As it is written: relative to the installation's root, or absolute (then the installation can't be moved). */
  readonly path: string;
}

/** The release that starts at boot: `releases/start_erl.data`. */
export interface BootVersion {
  readonly ertsVersion: string;
  readonly version: string;
}

export const releasesFile = 'releases/RELEASES';
export const startErlData = 'releases/start_erl.data';

const statuses: readonly InstallationStatus[] = ['permanent', 'current', 'old', 'unpacked', 'tmp_current'];

/**
 * Reads the content of `releases/RELEASES`.
 * @param file its path, for messages
 * @throws OtpError (`releases-file`) that names the file and the line
 */
export function parseInstalledReleases(content: Uint8Array, file: string): readonly InstalledRelease[] {
  const source = readTerms(content, file);
  const [term] = source.terms;
  const entries = term && listElements(term);
  const wrong = (where: Term | undefined): OtpError =>
    new OtpError(
      'expected what release_handler writes, [{release, Name, Vsn, ErtsVsn, [{App, Vsn, Dir}], Status}].',
      {
        code: 'releases-file',
        file,
        position: where && source.positionOf(where),
        fix: 'Make it again with release_handler:create_RELEASES/4.',
      },
    );
  if (entries === undefined) throw wrong(term);
  return entries.map((entry) => {
    const release = installedRelease(entry);
    if (release === undefined) throw wrong(entry);
    return release;
  });
}

function installedRelease(term: Term): InstalledRelease | undefined {
  const [, name, version, erts, libraries, status] = tupleOf(term, 'release', 6)?.elements ?? [];
  const texts = [name, version, erts].map((part) => part && stringValue(part));
  const found = statuses.find((known) => status?.kind === 'atom' && status.name === known);
  const parsed = libraries && listElements(libraries)?.map(installedLibrary);
  const [nameText, versionText, ertsVersion] = texts;
  if (nameText === undefined || versionText === undefined || ertsVersion === undefined) return undefined;
  if (parsed === undefined || found === undefined) return undefined;
  const known = parsed.filter((library) => library !== undefined);
  if (known.length < parsed.length) return undefined;
  return { name: nameText, version: versionText, ertsVersion, libraries: known, status: found };
}

function installedLibrary(term: Term): InstalledLibrary | undefined {
  const [name, version, path] = tupleOf(term, undefined, 3)?.elements ?? [];
  const versionText = version && stringValue(version);
  const pathText = path && stringValue(path);
  if (name?.kind !== 'atom' || versionText === undefined || pathText === undefined) return undefined;
  return { name: name.name, version: versionText, path: pathText };
}

/** Reads the content of `releases/start_erl.data`, `"ERTS-VSN VSN"`, as the start scripts do; undefined when it says nothing. */
export function parseBootVersion(content: Uint8Array): BootVersion | undefined {
  const [ertsVersion = '', version = ''] = new TextDecoder().decode(content).trim().split(/\s+/);
  return version === '' ? undefined : { ertsVersion, version };
}
