import type { Term } from '../erlang/term';
import type { ReleaseConfiguration } from './configuration';
import type { FileTree } from './file-tree';
import type { BootVersion, InstalledRelease } from './installation';

/** How the boot script starts an application; `permanent` where the `.rel` names none. */
export type StartType = 'permanent' | 'transient' | 'temporary' | 'load' | 'none';

/** An application resource file (`ebin/NAME.app`), with the defaults of `systools_make:parse_application/4` filled in. */
export interface ApplicationResource {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly modules: readonly string[];
  readonly registered: readonly string[];
  readonly applications: readonly string[];
  readonly optionalApplications: readonly string[];
  readonly includedApplications: readonly string[];
  /** A list of `{Key, Value}`. */
  readonly env: Term;
  /** `{Module, Args}`; absent for a library application. */
  readonly mod?: { readonly module: string; readonly args: Term };
  /** The whole property list, with the keys this model does not name. */
  readonly properties: Term;
}

/** What a relup needs to know of an application: no beam, no disk. A `Release`'s applications satisfy it. */
export interface ApplicationInRelease {
  readonly name: string;
  readonly version: string;
  readonly startType: StartType;
  /** The `.rel`'s list where it gives one (it replaces the `.app`'s), else the `.app`'s. */
  readonly includedApplications: readonly string[];
  readonly resource: ApplicationResource;
}

/** What a relup needs to know of a release. Applications stand in the order of the `.rel`. */
export interface ReleaseDescription {
  readonly name: string;
  readonly version: string;
  readonly ertsVersion: string;
  readonly applications: readonly ApplicationInRelease[];
  /** The `.rel` file, for messages. */
  readonly relFile: string;
}

/** One application of a release on disk or in a tarball. */
export interface Application extends ApplicationInRelease {
  /** Where it lies in the release: `lib/dummy-0.2`, or `lib/dummy-0.2.ez` for an archive. */
  readonly libPath: string;
  /** Its files (`ebin/dummy.app`, `priv/...`), whether it is a folder or an archive. */
  readonly tree: FileTree;
}

/**
 * A target system: what `reltool`, relx or `mix release` lay out, in a folder or in a tarball. Nothing but the
 * `.rel` and `.app` files, `RELEASES` and `start_erl.data` has been read; beams and the other files are read through `tree` when a later
 * stage needs them. A previous release is never written to.
 */
export interface Release extends ReleaseDescription {
  /** The folder or tarball, as it was given. */
  readonly path: string;
  readonly tree: FileTree;
  /** In the order of the `.rel`. */
  readonly applications: readonly Application[];
  /** The folder of this version in `tree`, such as `releases/0.2`. */
  readonly versionPath: string;
  /** Boot files, `sys.config`, `vm.args`, consolidated protocols: what lies in that folder. */
  readonly configuration: ReleaseConfiguration;
  /** What `releases/RELEASES` lists; absent where there is no such file, as in what `mix release` makes. */
  readonly installed: readonly InstalledRelease[] | undefined;
  /** What `releases/start_erl.data` boots; absent where there is no such file. */
  readonly boots: BootVersion | undefined;
}
