import type { ReleaseLayout } from '../release';

/** What a reader of rehearsals checks first; another number is another shape. */
export const rehearsalFormatVersion = 1;

/** An upgrade, and the way back, on a node of its own: what was done, and what was found. Times are milliseconds. */
export interface Rehearsal {
  readonly formatVersion: typeof rehearsalFormatVersion;
  /** Every step was made, nothing that is an error was found, the probes ran, and calls were served meanwhile. */
  readonly passed: boolean;
  readonly name: string;
  /** The version that the rehearsal started from, and came back to. */
  readonly base: string;
  /** The version that the package leads to; undefined where the rehearsal did not come to know it. */
  readonly version?: string;
  readonly layout: ReleaseLayout;
  /** Of the node, such as `25`; undefined where it did not boot. */
  readonly otp?: string;
  readonly erts?: string;
  readonly emulator: 'own' | 'installed';
  readonly isolation: Isolation;
  /** In the order they were made. Those after a step that could not be made are missing. */
  readonly steps: readonly RehearsalStep[];
  /** What belongs to no step. */
  readonly findings: readonly Finding[];
  /** Where a step could not be made: what an operator would find then. */
  readonly aftermath?: Aftermath;
  readonly milliseconds: number;
  /** The scratch folder, where it was kept. */
  readonly kept?: string;
}

/** What kept the node from others on the machine. */
export interface Isolation {
  /** `namespace`: a network of its own, in which every port is free. `shared`: that of the machine. */
  readonly network: 'namespace' | 'shared';
  /** Why the network is shared. */
  readonly reason?: string;
  /** The configuration that was laid over `sys.config`, in the scratch folder alone. */
  readonly config?: string;
}

export type StepName =
  | 'boot'
  | 'unpack'
  | 'check'
  | 'install'
  | 'make-permanent'
  | 'restart'
  | 'downgrade'
  | 'make-permanent-base'
  | 'restart-base'
  | 'remove';

export interface RehearsalStep {
  readonly name: StepName;
  /** As an operator would say it: `install 0.2`. */
  readonly title: string;
  /** Whether it was made, and nothing that is an error was found. */
  readonly passed: boolean;
  readonly milliseconds: number;
  readonly findings: readonly Finding[];
  readonly probes: readonly ProbeResult[];
  /** Of `install` and `downgrade`. */
  readonly installation?: Installation;
  /** After it. */
  readonly node?: NodeCounts;
}

export interface Finding {
  /** A `note` is for information; one `error` is enough for a rehearsal to fail. */
  readonly severity: 'error' | 'note';
  readonly code: FindingCode;
  /** In words, whole sentences. */
  readonly text: string;
  /** What OTP itself says, where the text tells it in other words. */
  readonly term?: string;
  readonly process?: ProcessDescription;
  readonly module?: string;
  /** The instruction of the relup that was being carried out. */
  readonly instruction?: InstructionOrigin;
  /** How often, where more than once. */
  readonly count?: number;
}

export type FindingCode =
  /** A step that release_handler refused, or that failed. */
  | 'step-failed'
  /** The node ended, restarted itself, or did not come to an end of a step. */
  | 'node-ended'
  | 'node-restarted'
  | 'timeout'
  | 'boot-failed'
  | 'address-in-use'
  /** What is loaded or runs is not what the release has. */
  | 'module-differs'
  | 'application-differs'
  | 'process-replaced'
  | 'process-gone'
  | 'process-killed'
  | 'process-suspended'
  | 'process-in-old-code'
  | 'not-suspended'
  | 'code-change-failed'
  | 'code-change-not-called'
  /** What a node that was upgraded lacks, has too much, or has in another form than one that has booted that version. */
  | 'process-missing'
  | 'process-left'
  | 'child-specification-differs'
  | 'supervisor-differs'
  | 'state-differs'
  | 'environment-differs'
  | 'table-missing'
  | 'library-differs'
  | 'instruction-failed'
  /** The log, at error level and above. */
  | 'crash-report'
  | 'supervisor-report'
  | 'error-logged'
  | 'probe-failed'
  | 'call-failed'
  | 'no-probes'
  | 'no-calls'
  | 'client-stuck'
  /** Unpacking has kept what was there, and not what the package brings. */
  | 'file-kept'
  | 'files-left'
  | 'probe-module';

/** A process of the node, as people would name it. */
export interface ProcessDescription {
  readonly pid: string;
  readonly application?: string;
  /** The ids of the children that lead to it, `top` for the top supervisor; empty for one that nobody supervises. */
  readonly path?: string;
  readonly registeredName?: string;
  readonly initialCall?: string;
  /** What it was doing. */
  readonly where?: string;
  readonly state?: string;
  readonly messages?: number;
}

/** An instruction of the relup, and the one in an appup that it came from. */
export interface InstructionOrigin {
  /** From 0, in the relup's script for the base. */
  readonly index: number;
  readonly instruction: string;
  readonly appup?: {
    readonly application: string;
    /** Relative to the root of the release. */
    readonly file: string;
    readonly line?: number;
    /** `up from 0.1` */
    readonly section: string;
    readonly instruction: string;
    /** Why it was planned; only where the folder that `generate-appups` wrote was given. */
    readonly reason?: string;
  };
}

/** What happened inside `release_handler:install_release`. */
export interface Installation {
  readonly to: string;
  readonly milliseconds: number;
  /** Those that were begun; all of the script, where it succeeded. */
  readonly instructions: readonly { readonly instruction: string; readonly milliseconds: number }[];
  readonly suspended: readonly SuspendedProcess[];
  readonly load: LoadResult;
}

export interface SuspendedProcess {
  readonly process: ProcessDescription;
  /** From the call that suspended it to the end of the one that resumed it. */
  readonly milliseconds: number;
}

/** What the clients went through while a release was installed. */
export interface LoadResult {
  readonly clients: number;
  readonly probes: readonly ProbeLoad[];
  /** Calls that began or ended while release_handler was at work. */
  readonly calls: number;
  readonly failures: number;
  readonly longestMilliseconds: number;
}

export interface ProbeLoad {
  readonly name: string;
  /** Began and ended in it. */
  readonly within: number;
  /** Began before it and ended in it, or began in it and ended after it, or took all of it. */
  readonly across: number;
  /** Before and after, while the clients were at work. */
  readonly outside: number;
  readonly failures: number;
  readonly longestMilliseconds: number;
  readonly longestOutsideMilliseconds: number;
}

export interface ProbeResult {
  readonly name: string;
  readonly passed: boolean;
  /** The value, or what is wrong. */
  readonly text: string;
  readonly milliseconds: number;
}

export interface NodeCounts {
  readonly processes: number;
  readonly ports: number;
  /** Bytes. */
  readonly memory: number;
  /** In the mailboxes of all processes. */
  readonly messages: number;
  /** Of the applications of the release, compared with those before the step. */
  readonly compared?: {
    readonly same: number;
    readonly replaced: number;
    readonly gone: number;
    readonly added: number;
  };
}

/** What an operator finds after a step that could not be made. */
export interface Aftermath {
  /** What became of the node by itself. */
  readonly node: 'runs' | 'restarted' | 'ended' | 'hangs';
  /** What it runs then, as `release_handler:which_releases` tells it. */
  readonly releases: readonly { readonly version: string; readonly status: string }[];
  /** The applications that differ between the releases, with the versions that run. */
  readonly applications: readonly { readonly name: string; readonly version: string }[];
  /** What the next start of the operating system process brings. */
  readonly restart:
    | {
        readonly boots: true;
        readonly version: string;
        readonly applications: readonly { readonly name: string; readonly version: string }[];
        readonly releases: readonly { readonly version: string; readonly status: string }[];
        readonly probes: readonly ProbeResult[];
      }
    | { readonly boots: false; readonly version?: string; readonly reason: string };
  /** Files that the base does not have, below the root of the release: a next try finds them there. */
  readonly left: readonly string[];
}
