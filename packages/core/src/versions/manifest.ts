import { OtpError, type Position } from '../error';

/**
 * A file in which people write versions: `.app.src`, `rebar.config`, `relx.config`, `reltool.config`, `mix.exs`. What it
 * states stands in the order in which it decides: the release that is booted or made by default first.
 */
export interface Manifest {
  /** As messages name it. */
  readonly file: string;
  readonly versions: readonly VersionStatement[];
  /** Which versions of other applications it asks for. */
  readonly requirements: readonly VersionRequirement[];
  /**
   * The bytes of the file with other texts for some of what it states; every other byte stays: comments, layout,
   * encoding, line ends.
   * @param edits by the very objects of `versions` and `requirements`
   * @throws OtpError `version` for a version that the file cannot hold
   */
  replace(edits: ReadonlyMap<WrittenVersion | VersionRequirement, string>): Buffer;
}

export type VersionStatement = WrittenVersion | ComputedVersion;

interface Statement {
  /** What has the version. The project of a `mix.exs` is its application, also where it is an umbrella. */
  readonly of: 'application' | 'release';
  readonly name: string;
  readonly position: Position | undefined;
}

export interface WrittenVersion extends Statement {
  readonly kind: 'written';
  readonly version: string;
}

/** A version that the build finds out: nothing can be written there. */
export interface ComputedVersion extends Statement {
  readonly kind: 'computed';
  /** The source of it: `git`, `File.read!("VERSION")`. */
  readonly by: string;
  /** The application that has it, for `{:from_app, :name}`. */
  readonly application?: string;
}

/** A version of another application, as a dependency or where a release or its configuration names one. */
export interface VersionRequirement {
  readonly kind: 'requirement';
  readonly application: string;
  /** `~> 0.1`; just a version where `exact`. */
  readonly requirement: string;
  /** Whether nothing but a version may stand there. */
  readonly exact: boolean;
  readonly position: Position | undefined;
}

/** What names folders and files of a release, and needs no escape in Erlang or Elixir. */
export function isVersion(text: string): boolean {
  return /^[0-9A-Za-z][0-9A-Za-z._+~-]*$/.test(text);
}

/** @throws OtpError `version` */
export function checkVersion(version: string, file?: string): void {
  if (isVersion(version)) return;
  throw new OtpError(`${JSON.stringify(version)} is no version.`, {
    code: 'version',
    ...(file !== undefined && { file }),
    fix: 'A version starts with a letter or digit and goes on with these or . _ + ~ -: it names folders of the release.',
  });
}
