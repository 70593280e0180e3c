import type { KeptFacts } from '../facts';
import type { Application, Release } from '../release';
import type { ResourceDiff } from './resource-diff';

/** What planning knows of one module in one release, read from its beam. Plain data. */
export interface ModuleFacts {
  readonly name: string;
  /** The code MD5 (`beam_lib:md5/1`), in hex. */
  readonly md5: string;
  /** `function/arity`. */
  readonly exports: ReadonlySet<string>;
  /** Calls to other modules that the import table shows: module to `function/arity`. */
  readonly calls: ReadonlyMap<string, ReadonlySet<string>>;
  /** From `-behaviour` and `-behavior`, in the order of the source. */
  readonly behaviours: readonly string[];
  /** False for a beam stripped of its attributes: its behaviours are unknown, and release_handler can't install it. */
  readonly hasAttributes: boolean;
  /** Whether a function of it runs whenever the module is loaded (`-on_load`). */
  readonly hasOnLoad: boolean;
  /**
   * States, child specifications and other things that stripping destroys: from the debug info, or the facts kept
   * beside the release, or what is left. Computed when it is first asked for.
   */
  readonly details: () => KeptFacts;
}

/**
 * How one module differs. `changed` means that the code changed (its MD5), or an attribute other than `vsn`;
 * `equivalent` that only debug info, line numbers, docs, build paths and the like did, which needs no upgrade.
 */
export type ModuleDiff =
  | { readonly kind: 'added'; readonly name: string; readonly next: ModuleFacts }
  | { readonly kind: 'removed'; readonly name: string; readonly previous: ModuleFacts }
  | {
      readonly kind: 'changed';
      readonly name: string;
      readonly change: 'code' | 'attributes';
      readonly previous: ModuleFacts;
      readonly next: ModuleFacts;
    }
  | { readonly kind: 'equivalent'; readonly name: string; readonly differences: readonly string[] };

/**
 * A file that is not one of the application's modules: `priv`, the `.app`, headers, a beam that the `.app` does not
 * list. The path is relative to the application.
 */
export interface FileDiff {
  readonly kind: 'added' | 'removed' | 'changed';
  readonly path: string;
}

/** One application in both releases. */
export interface ApplicationDiff {
  readonly name: string;
  readonly previous: Application;
  readonly next: Application;
  /** Only modules that differ, sorted by name. */
  readonly modules: readonly ModuleDiff[];
  /** Only files that differ, without the appup (nothing reads it on the node), sorted by path. */
  readonly files: readonly FileDiff[];
  /** How its resource file and its place in the release differ, beside modules and version. */
  readonly resource: ResourceDiff;
}

/** Modules of one application whose beams were stripped of their attributes, sorted. */
export interface StrippedModules {
  readonly application: string;
  readonly version: string;
  readonly modules: readonly string[];
}

/** Everything that differs between two releases. */
export interface ReleaseDiff {
  readonly previous: Release;
  readonly next: Release;
  /** Applications of the new release that the previous one does not have. */
  readonly added: readonly Application[];
  /** Applications of the previous release that the new one does not have. */
  readonly removed: readonly Application[];
  /** Applications in both, changed or not, in the order of the new `.rel`. */
  readonly kept: readonly ApplicationDiff[];
  /** In the applications that were added or removed, where all modules are loaded on the way up or down. */
  readonly stripped: readonly StrippedModules[];
  /** Only files that differ in `bin`, which no upgrade package brings, with paths relative to the release. */
  readonly startScripts: readonly FileDiff[];
  /** Absent where both run the same emulator. */
  readonly erts?: { readonly previous: string; readonly next: string };
  /**
   * `sys.config`, `vm.args` and whatever else configures the node, where it differs; paths are relative to
   * `releases/VSN`. Boot files and what they are made of are left out: they differ with every version.
   */
  readonly configuration: readonly FileDiff[];
  /** Elixir's consolidated protocols, which lie outside every application. */
  readonly protocols: readonly ModuleDiff[];
  /** The modules of Elixir's config providers in each release (`readConfigProviders`), whether they differ or not. */
  readonly configProviders: { readonly previous: readonly string[]; readonly next: readonly string[] };
  /** The `${NAME}` in the `sys.config` of the new release that only a start script fills in (`readPlaceholders`). */
  readonly placeholders: readonly string[];
}
