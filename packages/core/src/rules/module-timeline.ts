import type { LowLevelInstruction } from '../appup';
import type { ModuleFacts, ModuleIndex } from '../diff';

/** The code of a module from one instruction of the relup, which is not counted in, to another, which is. */
export interface CodeInterval {
  /** Undefined while the module is not loaded. */
  readonly code: ModuleFacts | undefined;
  /** Index of the instruction that brings this code; -1 for what runs before the first. */
  readonly from: number;
  /** Index of the instruction that ends it; the number of instructions for what is left at the end. */
  readonly to: number;
}

/** What the node runs at each point of a relup, and who cannot run there. */
export interface UpgradeTimeline {
  /** The modules whose code comes or goes. */
  readonly touched: ReadonlySet<string>;
  readonly intervals: (module: string) => readonly CodeInterval[];
  /** Whether processes that run the module are suspended, or their application is stopped, all of this time. */
  readonly rests: (module: string, from: number, to: number) => boolean;
  /** Whether an instruction for the whole application takes it out and puts it back. */
  readonly isRestarted: (application: string) => boolean;
}

/**
 * Walks through the instructions of one way of a relup.
 * @param left the modules of the release that is left, with which the node starts
 */
export function upgradeTimeline(
  instructions: readonly LowLevelInstruction[],
  left: ModuleIndex,
  entered: ModuleIndex,
): UpgradeTimeline {
  const end = instructions.length;
  const changes = new Map<string, { readonly code: ModuleFacts | undefined; readonly at: number }[]>();
  const change = (module: string, code: ModuleFacts | undefined, at: number): void => {
    const before = changes.get(module);
    if (before === undefined) changes.set(module, [{ code, at }]);
    else before.push({ code, at });
  };
  const suspended = new Map<string, Pause[]>();
  const stopped = new Map<string, Pause[]>();
  instructions.forEach((instruction, at) => {
    switch (instruction.kind) {
      case 'load':
        change(instruction.module, entered.get(instruction.module)?.facts, at);
        break;
      case 'remove':
        change(instruction.module, undefined, at);
        break;
      case 'suspend':
        for (const { module } of instruction.modules) begin(suspended, module, at);
        break;
      case 'resume':
        for (const module of instruction.modules) finish(suspended, module, at);
        break;
      case 'stop':
        for (const module of instruction.modules) begin(suspended, module, at);
        break;
      case 'start':
        for (const module of instruction.modules) finish(suspended, module, at);
        break;
      case 'apply': {
        const { module, function: name, args } = instruction.call;
        const [application] = args;
        if (module !== 'application' || application?.kind !== 'atom') break;
        if (name === 'stop') begin(stopped, application.name, at);
        if (name === 'start') finish(stopped, application.name, at);
        break;
      }
      default:
        break;
    }
  });
  // What is started for the first time has not run until then.
  for (const [application, pauses] of firstStarts(instructions)) {
    if (!stopped.has(application)) stopped.set(application, pauses);
  }
  const applicationOf = (module: string): string | undefined =>
    left.get(module)?.application ?? entered.get(module)?.application;
  const intervals = new Map<string, readonly CodeInterval[]>();
  return {
    touched: new Set(changes.keys()),
    intervals: (module) => {
      const known = intervals.get(module);
      if (known !== undefined) return known;
      let current: CodeInterval = { code: left.get(module)?.facts, from: -1, to: end };
      const all: CodeInterval[] = [];
      for (const { code, at } of changes.get(module) ?? []) {
        all.push({ ...current, to: at });
        current = { code, from: at, to: end };
      }
      all.push(current);
      intervals.set(module, all);
      return all;
    },
    rests: (module, from, to) => {
      const application = applicationOf(module);
      return [
        ...(suspended.get(module) ?? []),
        ...(application === undefined ? [] : (stopped.get(application) ?? [])),
      ].some((pause) => pause.from <= from && to <= pause.to);
    },
    isRestarted: (application) => stopped.has(application),
  };
}

/** From one instruction to another, between which somebody does not run. */
interface Pause {
  readonly from: number;
  to: number;
}

function begin(pauses: Map<string, Pause[]>, name: string, from: number): void {
  pauses.set(name, [...(pauses.get(name) ?? []), { from, to: Infinity }]);
}

function finish(pauses: Map<string, Pause[]>, name: string, to: number): void {
  const pause = pauses.get(name)?.at(-1);
  if (pause?.to === Infinity) pause.to = to;
}

function firstStarts(instructions: readonly LowLevelInstruction[]): Map<string, Pause[]> {
  const starts = new Map<string, Pause[]>();
  instructions.forEach((instruction, at) => {
    if (instruction.kind !== 'apply' || instruction.call.module !== 'application') return;
    const [application] = instruction.call.args;
    if (instruction.call.function !== 'start' || application?.kind !== 'atom') return;
    starts.set(application.name, [{ from: -1, to: at }]);
  });
  return starts;
}
