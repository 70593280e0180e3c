import { atom, integer, list, string, tuple, type Term } from '../erlang';
import type { StartType } from '../release/model';

export { parseInstruction } from './parse-instruction';

/** How old code goes when a new version is loaded over it: `soft_purge` refuses while a process still runs it. */
export type Purge = 'soft_purge' | 'brutal_purge';

/** How a process takes on the new code of its module: as it is, or by a call of `code_change` with `extra`. */
export type Change = { readonly kind: 'soft' } | { readonly kind: 'advanced'; readonly extra: Term };

/** How long a suspended process may take, in milliseconds; `default` leaves it to `sys:suspend/1`. */
export type SuspendTimeout = 'default' | 'infinity' | number | bigint;

/** `{M, F, A}` */
export interface FunctionCall {
  readonly module: string;
  readonly function: string;
  readonly args: readonly Term[];
}

/**
 * The instructions an appup is written in, in the form `systools_rc:expand_script/1` and `normalize_instrs/1`
 * give them: every default is filled in. They say what should happen to a module or an application;
 * `dependencies` are the DepMods, the modules whose change this one relies on.
 */
export type HighLevelInstruction =
  | {
      readonly kind: 'update';
      readonly module: string;
      readonly moduleType: 'static' | 'dynamic';
      readonly timeout: SuspendTimeout;
      readonly change: Change;
      readonly prePurge: Purge;
      readonly postPurge: Purge;
      readonly dependencies: readonly string[];
    }
  | {
      readonly kind: 'load_module';
      readonly module: string;
      readonly prePurge: Purge;
      readonly postPurge: Purge;
      readonly dependencies: readonly string[];
    }
  | { readonly kind: 'add_module'; readonly module: string; readonly dependencies: readonly string[] }
  | { readonly kind: 'delete_module'; readonly module: string; readonly dependencies: readonly string[] }
  | { readonly kind: 'add_application'; readonly application: string; readonly startType: StartType }
  | { readonly kind: 'remove_application'; readonly application: string }
  | { readonly kind: 'restart_application'; readonly application: string };

/** What `release_handler_1:eval/2` carries out on the node: the instructions of a relup, allowed in an appup too. */
export type LowLevelInstruction =
  | {
      readonly kind: 'load_object_code';
      readonly application: string;
      readonly version: string;
      readonly modules: readonly string[];
    }
  | { readonly kind: 'point_of_no_return' }
  | { readonly kind: 'load'; readonly module: string; readonly prePurge: Purge; readonly postPurge: Purge }
  | { readonly kind: 'remove'; readonly module: string; readonly prePurge: Purge; readonly postPurge: Purge }
  | { readonly kind: 'purge'; readonly modules: readonly string[] }
  | {
      readonly kind: 'suspend';
      /** Without a timeout the module is written alone. */
      readonly modules: readonly { readonly module: string; readonly timeout?: SuspendTimeout }[];
    }
  | { readonly kind: 'resume'; readonly modules: readonly string[] }
  | {
      readonly kind: 'code_change';
      /** Without a mode, which means up, it is left out of the term. */
      readonly mode?: 'up' | 'down';
      readonly changes: readonly { readonly module: string; readonly extra: Term }[];
    }
  | { readonly kind: 'stop'; readonly modules: readonly string[] }
  | { readonly kind: 'start'; readonly modules: readonly string[] }
  | { readonly kind: 'sync_nodes'; readonly id: Term; readonly nodes: readonly string[] | FunctionCall }
  | { readonly kind: 'apply'; readonly call: FunctionCall }
  | { readonly kind: 'restart_new_emulator' }
  | { readonly kind: 'restart_emulator' }
  /** Passed through by systools, refused by release_handler when the relup is installed. */
  | { readonly kind: 'restart' }
  | { readonly kind: 'reboot' };

export type Instruction = HighLevelInstruction | LowLevelInstruction;

/**
 * The term of an instruction. With `shortest`, the shortest form that means the same and that
 * `parseInstruction` reads back as the same instruction: `{load_module,m}`, `{update,m,{advanced,[]}}`,
 * `{update,m,supervisor}`. Without it every default is written out.
 */
export function instructionToTerm(
  instruction: Instruction,
  { shortest = false }: { readonly shortest?: boolean } = {},
): Term {
  const { kind } = instruction;
  switch (kind) {
    case 'update':
      return shortest ? shortestUpdate(instruction) : updateTerm(instruction, 'full');
    case 'load_module': {
      const { module, prePurge, postPurge, dependencies } = instruction;
      if (shortest && prePurge === 'brutal_purge' && postPurge === 'brutal_purge') {
        return tuple(atom(kind), atom(module), ...dependencyTerms(dependencies));
      }
      return tuple(atom(kind), atom(module), atom(prePurge), atom(postPurge), atoms(dependencies));
    }
    case 'add_module':
    case 'delete_module': {
      const { module, dependencies } = instruction;
      return tuple(
        atom(kind),
        atom(module),
        ...(shortest ? dependencyTerms(dependencies) : [atoms(dependencies)]),
      );
    }
    case 'add_application': {
      const startType =
        shortest && instruction.startType === 'permanent' ? [] : [atom(instruction.startType)];
      return tuple(atom(kind), atom(instruction.application), ...startType);
    }
    case 'remove_application':
    case 'restart_application':
      return tuple(atom(kind), atom(instruction.application));
    case 'load_object_code': {
      const { application, version, modules } = instruction;
      return tuple(atom(kind), tuple(atom(application), string(version), atoms(modules)));
    }
    case 'load':
    case 'remove': {
      const { module, prePurge, postPurge } = instruction;
      return tuple(atom(kind), tuple(atom(module), atom(prePurge), atom(postPurge)));
    }
    case 'purge':
    case 'resume':
    case 'stop':
    case 'start':
      return tuple(atom(kind), atoms(instruction.modules));
    case 'suspend':
      return tuple(
        atom(kind),
        list(
          instruction.modules.map(({ module, timeout }) =>
            timeout === undefined ? atom(module) : tuple(atom(module), timeoutTerm(timeout)),
          ),
        ),
      );
    case 'code_change': {
      const changes = list(instruction.changes.map(({ module, extra }) => tuple(atom(module), extra)));
      return tuple(atom(kind), ...(instruction.mode === undefined ? [] : [atom(instruction.mode)]), changes);
    }
    case 'sync_nodes': {
      const { id, nodes } = instruction;
      return tuple(atom(kind), id, 'module' in nodes ? callTerm(nodes) : atoms(nodes));
    }
    case 'apply':
      return tuple(atom(kind), callTerm(instruction.call));
    case 'point_of_no_return':
    case 'restart_new_emulator':
    case 'restart_emulator':
    case 'restart':
    case 'reboot':
      return atom(kind);
  }
}

type Update = Extract<Instruction, { kind: 'update' }>;

function updateTerm(update: Update, form: 'full' | 'withoutType' | 'withoutTimeout'): Term {
  const { module, moduleType, timeout, change, prePurge, postPurge, dependencies } = update;
  return tuple(
    atom('update'),
    atom(module),
    ...(form === 'full' ? [atom(moduleType)] : []),
    ...(form === 'withoutTimeout' ? [] : [timeoutTerm(timeout)]),
    changeTerm(change),
    atom(prePurge),
    atom(postPurge),
    atoms(dependencies),
  );
}

function shortestUpdate(update: Update): Term {
  const { module, moduleType, timeout, change, prePurge, postPurge, dependencies } = update;
  const brutal = prePurge === 'brutal_purge' && postPurge === 'brutal_purge';
  if (moduleType === 'static') {
    const asSupervisor =
      brutal &&
      timeout === 'default' &&
      dependencies.length === 0 &&
      change.kind === 'advanced' &&
      isNil(change.extra);
    return asSupervisor
      ? tuple(atom('update'), atom(module), atom('supervisor'))
      : updateTerm(update, 'full');
  }
  if (timeout !== 'default') return updateTerm(update, 'withoutType');
  if (!brutal) return updateTerm(update, 'withoutTimeout');
  return tuple(
    atom('update'),
    atom(module),
    ...(change.kind === 'soft' ? [] : [changeTerm(change)]),
    ...dependencyTerms(dependencies),
  );
}

function isNil(term: Term): boolean {
  return term.kind === 'list' && term.elements.length === 0 && term.tail === undefined;
}

function changeTerm(change: Change): Term {
  return change.kind === 'soft' ? atom('soft') : tuple(atom('advanced'), change.extra);
}

function timeoutTerm(timeout: SuspendTimeout): Term {
  return typeof timeout === 'string' ? atom(timeout) : integer(timeout);
}

function callTerm({ module, function: name, args }: FunctionCall): Term {
  return tuple(atom(module), atom(name), list(args));
}

function atoms(names: readonly string[]): Term {
  return list(names.map(atom));
}

function dependencyTerms(dependencies: readonly string[]): Term[] {
  return dependencies.length === 0 ? [] : [atoms(dependencies)];
}
