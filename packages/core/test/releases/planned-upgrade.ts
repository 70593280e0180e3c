import {
  instructionToTerm,
  noPolicy,
  type Direction,
  type LowLevelInstruction,
  type PlannedAppup,
  type UpgradePolicy,
} from '../../src/appup';
import type { ReleasePair } from '../../src/diff';
import { literalPair, type LiteralApplication } from './literal-pair';
import { printTerm } from '../../src/erlang';
import { makeRelup, type RelupOrder } from '../../src/relup';
import { callWindows, type Diagnostic } from '../../src/rules';
import { planAppups } from '../../src/upgrade/plan-appups';

export interface PlannedUpgrade {
  readonly appups: readonly PlannedAppup[];
  readonly relup: Readonly<Record<Direction, readonly LowLevelInstruction[]>>;
  readonly windows: Readonly<Record<Direction, readonly Diagnostic[]>>;
}

export interface PlanningOptions {
  readonly policy?: UpgradePolicy;
  readonly order?: RelupOrder;
}

/** The appups of a pair, the relup they become, and what calls meet nothing on the way. */
export function plannedUpgrade(
  pair: ReleasePair,
  { policy = noPolicy, order = 'dependencies' }: PlanningOptions = {},
): PlannedUpgrade {
  const { appups, orders } = planAppups([pair], new Map(), policy, order);
  const { previous, next } = pair.difference;
  const [first] = orders;
  const { relup, problems } = makeRelup({
    next,
    previous: [
      { release: previous, scriptOrder: first && { up: first.up.scripts, down: first.down.scripts } },
    ],
    appups: (name) => appups.find(({ application }) => application === name)?.appup,
    options: { order },
  });
  if (relup === undefined) throw new Error(problems.map(({ problem }) => problem).join('\n'));
  const instructions = (direction: Direction): readonly LowLevelInstruction[] =>
    relup[direction][0]?.instructions ?? [];
  const windows = (direction: Direction): Diagnostic[] =>
    callWindows(
      pair,
      direction,
      instructions(direction),
      (one, other) => first?.[direction].isCircle(one, other) ?? false,
      direction,
    );
  return {
    appups,
    relup: { up: instructions('up'), down: instructions('down') },
    windows: { up: windows('up'), down: windows('down') },
  };
}

/** The sections of planned appups as text, each instruction on one line, by application and direction. */
export function sectionTexts(
  appups: readonly PlannedAppup[],
): Record<string, Partial<Record<Direction, string[]>>> {
  const sections: Record<string, Partial<Record<Direction, string[]>>> = {};
  for (const { application, sections: planned } of appups) {
    for (const { direction, origin } of planned) {
      const texts = origin.instructions.map((one) =>
        printTerm(instructionToTerm('reason' in one ? one.instruction : one, { shortest: true })).replace(
          /\s+/g,
          ' ',
        ),
      );
      sections[application] = { ...sections[application], [direction]: texts };
    }
  }
  return sections;
}

/** A plan as text. */
export interface PlanTexts {
  /** The instructions of each section, by application and direction. */
  readonly sections: Readonly<Record<string, Readonly<Partial<Record<Direction, string[]>>>>>;
  /** What happens to modules and children in the relup, in this order. */
  readonly relup: Readonly<Record<Direction, string[]>>;
  readonly windows: string[];
}

export function planTexts(
  applications: Readonly<Record<string, LiteralApplication>>,
  options: PlanningOptions = {},
): PlanTexts {
  const { appups, relup, windows } = plannedUpgrade(literalPair(applications), options);
  return {
    sections: sectionTexts(appups),
    relup: { up: short(relup.up), down: short(relup.down) },
    windows: [...windows.up, ...windows.down].map(({ severity, message }) => `${severity} ${message}`),
  };
}

function short(instructions: readonly LowLevelInstruction[]): string[] {
  return instructions.flatMap((one) => {
    switch (one.kind) {
      case 'load':
      case 'remove':
        return [`${one.kind} ${one.module}`];
      case 'suspend':
        return [`suspend ${one.modules.map(({ module }) => module).join(' ')}`];
      case 'apply':
        return [
          `${one.call.function} ${one.call.args
            .slice(-1)
            .map((arg) => printTerm(arg))
            .join(' ')}`,
        ];
      default:
        return [];
    }
  });
}
