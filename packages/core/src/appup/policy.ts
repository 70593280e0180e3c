import type { Instruction, Purge, SuspendTimeout } from './instruction';
import type { Direction } from './module-step';
import type { PlannedInstruction } from './module-instruction';
import type { Term } from '../erlang';
import type { ApplicationDiff } from '../diff';

/** What a project wants otherwise than it would be planned. Everything is optional; without it planning decides. */
export interface UpgradePolicy {
  /** By application. */
  readonly applications: ReadonlyMap<string, ApplicationPolicy>;
  readonly allow: readonly Allowance[];
  /** In the order they are called. */
  readonly transforms: readonly AppupTransform[];
}

export const noPolicy: UpgradePolicy = { applications: new Map(), allow: [], transforms: [] };

export interface ApplicationPolicy {
  /** `restart`: stop it, load all of it and start it, in place of upgrading its modules hot. */
  readonly strategy: 'hot' | 'restart';
  /** By module. */
  readonly modules: ReadonlyMap<string, ModulePolicy>;
  /** Instructions, mostly `{apply, {M, F, A}}`, before those that are planned. */
  readonly before: Readonly<Record<Direction, readonly Instruction[]>>;
  readonly after: Readonly<Record<Direction, readonly Instruction[]>>;
}

/** What is given replaces what would be planned for the module, in both directions. */
export interface ModulePolicy {
  /** `update` suspends the processes of the module, `load_module` does not. */
  readonly instruction?: 'update' | 'load_module';
  /** `soft`, or the call of `code_change` with `extra`; of an `update` only. */
  readonly change?: 'soft' | 'advanced';
  /** For `code_change`; `[]` unless given. */
  readonly extra?: Term;
  readonly prePurge?: Purge;
  readonly postPurge?: Purge;
  readonly timeout?: SuspendTimeout;
  /** Modules that must have changed before this one, on the way up; on the way down this one goes first. */
  readonly loadAfter?: readonly string[];
  /** DepMods in addition to those that are planned: suspended and changed together with this module. */
  readonly dependencies?: readonly string[];
}

/** A finding that a project has looked at and lives with. */
export interface Allowance {
  /** The code of the rule. */
  readonly rule: string;
  readonly application?: string;
  readonly module?: string;
  /** Why, for whoever reads the configuration later. Not empty. */
  readonly reason: string;
}

/** What a transform is given. */
export interface TransformInput {
  readonly application: string;
  readonly direction: Direction;
  /** The application's versions in the direction of travel. */
  readonly from: string;
  readonly to: string;
  readonly instructions: readonly PlannedInstruction[];
  /** What differs, with the facts of the modules. */
  readonly difference: ApplicationDiff;
}

/** Code of the project that gets the planned instructions of one section and gives back others. */
export interface AppupTransform {
  /** The file it comes from, for messages. */
  readonly file: string;
  /**
   * The instructions of each section, in the order of the inputs.
   * @throws OtpError (`transform`) for what the transform gave back or threw
   */
  readonly apply: (inputs: readonly TransformInput[]) => Promise<readonly (readonly PlannedInstruction[])[]>;
}
