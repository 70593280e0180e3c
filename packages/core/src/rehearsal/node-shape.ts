/** What a node that was upgraded has in common with one that has booted; see `shape/1` in `nx_otp_rehearsal.erl`. */
export interface NodeShape {
  readonly children: readonly ChildShape[];
  readonly states: readonly StateShape[];
  /** Values are printed; pids and the like are the same for all. */
  readonly environment: readonly {
    readonly application: string;
    readonly key: string;
    readonly value: string;
  }[];
  /** Named ets tables. */
  readonly tables: readonly { readonly application: string; readonly name: string }[];
  /** Paths of the native libraries that are loaded; none where the system does not tell. */
  readonly libraries: readonly string[];
}

/** A child as its supervisor would start it. */
export interface ChildShape {
  readonly application: string;
  /** The ids of the children that lead to it. */
  readonly path: string;
  readonly running: boolean;
  /** `mod:fun/1` */
  readonly start: string;
  readonly arguments: string;
  readonly restart: string;
  readonly shutdown: string;
  readonly type: string;
  readonly modules: string;
}

/** What a process keeps, as far as it does not change all the time. */
export interface StateShape {
  readonly application: string;
  /** The path of the child or its registered name, and the handler of an event manager. */
  readonly path: string;
  readonly pid: string;
  /** `supervisor` for the flags of one. */
  readonly kind: 'record' | 'struct' | 'supervisor' | 'other';
  /** Of the record or the struct. */
  readonly name: string;
  readonly text: string;
}
