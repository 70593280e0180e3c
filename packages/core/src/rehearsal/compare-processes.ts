import { atomName, printTerm } from '../erlang';
import type { InstalledScript } from './installed-relup';
import type { Finding } from './model';
import { describe, processText, type Snapshot, type SnapshotProcess } from './snapshot';

/** How a process ended that was there before. */
export interface Exit {
  readonly kind: 'normal' | 'shutdown' | 'killed' | 'crash';
  readonly reason: string;
}

export interface ComparedProcesses {
  readonly same: number;
  readonly replaced: number;
  readonly gone: number;
  readonly added: number;
  readonly findings: readonly Finding[];
}

/**
 * The processes of the applications before and after a step. One that is replaced or gone has lost its state: an error,
 * unless the script itself asks for it, or it ended by itself as short-lived ones do.
 * @param exits of processes that were there before, by pid
 * @param script of the installation that lies between, where there is one
 */
export function compareProcesses(
  before: Snapshot,
  after: Snapshot,
  exits: ReadonlyMap<string, Exit>,
  script: InstalledScript | undefined,
): ComparedProcesses {
  const pids = new Set(after.processes.map(({ pid }) => pid));
  const byPlace = new Map(after.processes.filter(hasPlace).map((process) => [placeOf(process), process]));
  const known = new Set(before.processes.map(({ pid }) => pid));
  const findings: Finding[] = [];
  const counts = { same: 0, replaced: 0, gone: 0, added: 0 };
  const successors = new Set<string>();
  for (const process of before.processes) {
    if (pids.has(process.pid)) {
      counts.same++;
      continue;
    }
    const successor = hasPlace(process) ? byPlace.get(placeOf(process)) : undefined;
    if (successor !== undefined) successors.add(successor.pid);
    if (successor === undefined) counts.gone++;
    else counts.replaced++;
    const finding = ended(process, successor, exits.get(process.pid), script);
    if (finding !== undefined) findings.push(finding);
  }
  for (const { pid } of after.processes) if (!known.has(pid) && !successors.has(pid)) counts.added++;
  return { ...counts, findings };
}

function hasPlace({ path, type }: SnapshotProcess): boolean {
  return path !== '' && type !== 'dynamic';
}

function placeOf({ application, path }: SnapshotProcess): string {
  return JSON.stringify([application, path]);
}

function ended(
  process: SnapshotProcess,
  successor: SnapshotProcess | undefined,
  exit: Exit | undefined,
  script: InstalledScript | undefined,
): Finding | undefined {
  const whole = describe(process);
  const who = processText(whole);
  const how = exit === undefined ? '' : ` It ended with the reason ${exit.reason}.`;
  if (exit?.kind === 'killed') {
    return {
      severity: 'error',
      code: 'process-killed',
      process: whole,
      text: `${who} was killed: it ran old code of a module that was purged, or somebody killed it.${successor === undefined ? '' : ` ${successor.pid} has taken its place, without its state.`}`,
    };
  }
  const expected = script !== undefined && asksFor(script, process);
  const byItself = exit !== undefined && exit.kind !== 'crash' && !hasPlace(process);
  if (successor !== undefined) {
    return {
      severity: expected ? 'note' : 'error',
      code: 'process-replaced',
      process: whole,
      text: `${who} was replaced by ${successor.pid}${expected ? ', as the relup asks for' : ': its state is lost'}.${how}`,
    };
  }
  if (byItself || (exit === undefined && !hasPlace(process))) return undefined;
  return {
    severity: expected ? 'note' : 'error',
    code: 'process-gone',
    process: whole,
    text: `${who} is gone${expected ? ', as the relup asks for' : ', and nothing has taken its place'}.${how}`,
  };
}

/** Whether a script ends a process on purpose: it stops its module, its application, its child, or one above it. */
function asksFor({ instructions }: InstalledScript, process: SnapshotProcess): boolean {
  const ids = process.path.split('/');
  return instructions.some((instruction) => {
    switch (instruction.kind) {
      case 'stop':
        return instruction.modules.some((module) => process.modules.includes(module));
      case 'restart_emulator':
      case 'restart_new_emulator':
        return true;
      case 'apply': {
        const { module, function: name, args } = instruction.call;
        const [first, second] = args;
        if (module === 'application' && name === 'stop') {
          return first !== undefined && atomName(first) === process.application;
        }
        if (module !== 'supervisor' && module !== 'Elixir.Supervisor') return false;
        return second !== undefined && ids.includes(printTerm(second));
      }
      default:
        return false;
    }
  });
}
