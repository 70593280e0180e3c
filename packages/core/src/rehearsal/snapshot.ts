import type { ProcessDescription } from './model';

/** What the node tells of itself; see `snapshot/1` in `nx_otp_rehearsal.erl`. */
export interface Snapshot {
  /** Microseconds, as all times of the node. */
  readonly at: number;
  readonly applications: readonly {
    readonly name: string;
    readonly version: string;
    /** The folder of its library, absolute. */
    readonly path: string;
  }[];
  /** Of every application: the supervision trees, then processes that nobody supervises. */
  readonly processes: readonly SnapshotProcess[];
  /** Of the modules that were asked for; without `md5` where one is not loaded. */
  readonly modules: readonly { readonly name: string; readonly md5?: string; readonly old: boolean }[];
  readonly oldCode: readonly { readonly module: string; readonly pid: string; readonly where: string }[];
  readonly counts: {
    readonly processes: number;
    readonly ports: number;
    readonly memory: number;
    readonly messages: number;
  };
}

export interface SnapshotProcess {
  readonly application: string;
  /** The ids of the children that lead to it; empty where nobody supervises it. */
  readonly path: string;
  readonly pid: string;
  /** `dynamic` for a child without an id, one of many. */
  readonly type: 'worker' | 'supervisor' | 'dynamic';
  readonly modules: readonly string[];
  readonly alive: boolean;
  /** The registered name, or empty. */
  readonly name: string;
  readonly initialCall: string;
  readonly suspended: boolean;
  readonly messages: number;
  readonly memory: number;
}

export function describe(process: SnapshotProcess): ProcessDescription {
  return {
    pid: process.pid,
    application: process.application,
    path: process.path,
    ...(process.name !== '' && { registeredName: process.name }),
    ...(process.initialCall !== '' && { initialCall: process.initialCall }),
  };
}

/** `dummy_server (dummy, <0.123.0>)` */
export function processText({
  pid,
  application,
  path,
  registeredName,
  initialCall,
}: ProcessDescription): string {
  const name =
    registeredName ??
    (path !== undefined && path !== '' && path !== 'top' ? `the child ${path}` : undefined) ??
    (path === 'top' ? 'the top supervisor' : undefined) ??
    (initialCall === undefined ? 'a process' : `a process that began in ${initialCall}`);
  return `${name} (${application === undefined ? '' : `${application}, `}${pid})`;
}
