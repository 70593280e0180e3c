/** Erlang source texts by module; `-module` is written for them. */
export type Sources = Readonly<Record<string, string>>;

/** One version of an application. */
export interface ApplicationVersion {
  /** Where it is not that of the release. */
  readonly version?: string;
  readonly modules: Sources;
  /**
   * The children of its top supervisor, each a module with `start_link/0` or a child specification. With them come the
   * modules `NAME_app` and `NAME_sup`; an application without children is a library.
   */
  readonly children?: readonly string[];
  /** A `start/2` of its own: the module of the application callback. */
  readonly callback?: string;
  readonly needs?: readonly string[];
  /** The list of the `.app`'s `env`. */
  readonly env?: string;
  /** Files beside `ebin`, by their path in the application. */
  readonly files?: Readonly<Record<string, string>>;
}

export interface LiveApplication {
  readonly name: string;
  /** Absent where the older release does not have it. */
  readonly v1?: ApplicationVersion;
  /** Absent where the newer release does not have it. */
  readonly v2?: ApplicationVersion;
}

/** A change of a release as real projects make it, and what must be true while it is installed and taken back. */
export interface Scenario {
  readonly name: string;
  readonly promise: string;
  readonly applications: readonly LiveApplication[];
  /** Calls that clients make all the while; each is a client. They must succeed in both versions and between them. */
  readonly load: readonly string[];
  /** Evaluated whenever a node has booted, in either version. */
  readonly booted?: readonly string[];
  /** Evaluated once, in the older version, before there are clients. */
  readonly prepare?: readonly string[];
  /** Expressions that must hold: in the older version, after the upgrade, after the downgrade. */
  readonly before?: readonly string[];
  readonly up?: readonly string[];
  readonly down?: readonly string[];
  /**
   * Children by id, with those above them (`sub/worker`), that only run in the newer version, or only in the older. The
   * top supervisor of an application is `NAME top`.
   */
  readonly starts?: readonly string[];
  readonly stops?: readonly string[];
  /** Its processes are replaced by purpose: they run before and after, with other pids. */
  readonly restarts?: boolean;
  /** Modules of which processes that nobody supervises may run old code for longer. */
  readonly keepsOldCode?: readonly string[];
  /** The `sys.config` entries, such as `{app, [{key, 1}]}`, of each version. */
  readonly config?: Readonly<Record<'v1' | 'v2', string>>;
  /** Reviewed appups of the project, by application; they win over what is planned. */
  readonly appups?: Readonly<Record<string, string>>;
}

/** The scenarios of one release: they share a node, and do not disturb each other. */
export interface LiveRelease {
  readonly name: string;
  readonly scenarios: readonly Scenario[];
  /** The versions of the release; 1 and 2 unless given. */
  readonly numbers?: Readonly<Record<'v1' | 'v2', string>>;
  /** Appups in place of those of its scenarios, by application. */
  readonly appups?: Readonly<Record<string, string>>;
  /** What is installed in place of the relup that was made, for upgrades that must go wrong. */
  readonly tamper?: (relup: string) => string;
}
