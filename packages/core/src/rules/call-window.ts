import { instructionToTerm, type Direction, type LowLevelInstruction } from '../appup';
import { callsOf, implementationsIn, type Calls } from '../appup/module-calls';
import { moduleRole } from '../appup/module-role';
import type { ModuleFacts, ModuleIndex, ReleasePair } from '../diff';
import { printTerm } from '../erlang';
import type { Diagnostic } from './diagnostic';
import { upgradeTimeline, type UpgradeTimeline } from './module-timeline';

/**
 * Goes through a relup instruction by instruction and looks for calls into functions that are not there at that point:
 * code of the one release that meets code of the other. Whoever makes such a call then gets `undef`.
 *
 * Calls that were broken before, or are broken in the release that is entered, are no matter of the order
 * (`call-undefined`). What a suspended process or a stopped application would call it does not call then.
 *
 * @param instructions one way of the relup
 * @param together the modules of a group, which need each other both ways: no order serves them
 */
export function callWindows(
  { modules }: ReleasePair,
  direction: Direction,
  instructions: readonly LowLevelInstruction[],
  together: (one: string, other: string) => boolean,
  pairName: string,
): Diagnostic[] {
  const [left, entered] =
    direction === 'up' ? [modules.previous, modules.next] : [modules.next, modules.previous];
  const timeline = upgradeTimeline(instructions, left, entered);
  const callsIn = { left: callReader(left, timeline), entered: callReader(entered, timeline) };
  const windows: Window[] = [];
  // Most upgrades have no window, and need not know who calls whom.
  let callers: ReadonlyMap<string, readonly Caller[]> | undefined;
  for (const caller of [...new Set([...left.keys(), ...entered.keys()])].sort()) {
    for (const side of ['left', 'entered'] as const) {
      const index = side === 'left' ? left : entered;
      const facts = index.get(caller)?.facts;
      // One that does not change makes the same calls on both sides.
      if (facts === undefined || (side === 'entered' && left.get(caller)?.facts === facts)) continue;
      for (const [callee, functions] of callsIn[side](facts)) {
        if (callee === caller || !(timeline.touched.has(caller) || timeline.touched.has(callee))) continue;
        const other = side === 'left' ? 'entered' : 'left';
        const broken = brokenCalls(caller, callee, side === 'left' ? entered : left, callsIn[other]);
        const there = [...functions]
          .filter((name) => index.get(callee)?.facts.exports.has(name) && !broken.has(name))
          .sort();
        for (const window of windowsBetween(timeline, caller, facts, callee, there)) {
          callers ??= callersByModule(callsIn, { left, entered });
          if (!isQuiet(timeline, callers, { left, entered }, window)) windows.push(window);
        }
      }
    }
  }
  const applicationOf = (module: string): string =>
    (left.get(module) ?? entered.get(module))?.application ?? '';
  const isRestart = ({ callee }: Window): boolean => timeline.isRestarted(applicationOf(callee));
  const restarted = new Map<string, Window[]>();
  for (const window of windows.filter(isRestart)) {
    const application = applicationOf(window.callee);
    const known = restarted.get(application);
    if (known === undefined) restarted.set(application, [window]);
    else known.push(window);
  }
  return [
    ...[...restarted].map(([application, meanwhile]) =>
      restartDiagnostic(
        pairName,
        application,
        meanwhile,
        ![...entered.values()].some((module) => module.application === application),
      ),
    ),
    ...windows
      .filter((window) => !isRestart(window))
      .map((window) =>
        diagnosticOf(window, {
          instructions,
          pairName,
          application: applicationOf(window.caller),
          unavoidable: together(window.caller, window.callee),
        }),
      ),
  ];
}

/** What a caller calls of a module in a release that does not have it: no order helps such a call. */
function brokenCalls(
  caller: string,
  callee: string,
  index: ModuleIndex,
  callsIn: (facts: ModuleFacts) => Calls,
): ReadonlySet<string> {
  const facts = index.get(caller)?.facts;
  const called = facts === undefined ? undefined : callsIn(facts).get(callee);
  const exports = index.get(callee)?.facts.exports;
  return new Set([...(called ?? [])].filter((name) => !(exports?.has(name) ?? false)));
}

/** One finding for all callers of an application that stops as a whole. */
function restartDiagnostic(
  pairName: string,
  application: string,
  windows: readonly Window[],
  staysOut: boolean,
): Diagnostic {
  const callers = [...new Set(windows.map(({ caller }) => caller))];
  const shown = callers.slice(0, 5).join(', ');
  const others = callers.length > 5 ? ` and ${callers.length - 5} more` : '';
  return {
    code: 'call-window',
    severity: 'warning',
    application,
    message: `${pairName}, ${application} is ${staysOut ? 'stopped and taken out, and what others have of it comes after that,' : 'taken out as a whole and started again,'} and ${shown}${others} ${callers.length === 1 ? 'calls' : 'call'} it: whoever makes such a call meanwhile gets undef, or finds no process.`,
    fix: staysOut
      ? `See that nobody needs ${application} meanwhile, or keep it in the release for one version.`
      : `See that nobody needs ${application} while it is out, or upgrade it hot.`,
  };
}

interface Window {
  readonly caller: string;
  readonly callee: string;
  readonly functions: readonly string[];
  /** Indexes of the instructions that open and close it. */
  readonly from: number;
  readonly to: number;
}

/** All calls of modules that change; of the others those that the import table has, which costs no debug info. */
function callReader(index: ModuleIndex, { touched }: UpgradeTimeline): (facts: ModuleFacts) => Calls {
  const implementations = implementationsIn(index);
  const known = new Map<string, Calls>();
  return (facts) => {
    if (!touched.has(facts.name)) return facts.calls;
    let calls = known.get(facts.name);
    if (calls === undefined) {
      calls = callsOf(facts, index, implementations);
      known.set(facts.name, calls);
    }
    return calls;
  };
}

/** While the caller runs this code and the callee lacks some of what it calls. */
function windowsBetween(
  timeline: UpgradeTimeline,
  caller: string,
  code: ModuleFacts,
  callee: string,
  functions: readonly string[],
): Window[] {
  if (functions.length === 0) return [];
  const mine = timeline.intervals(caller).filter((interval) => interval.code === code);
  return timeline.intervals(callee).flatMap(({ code: other, from, to }): Window[] => {
    const missing = functions.filter((name) => !(other?.exports.has(name) ?? false));
    if (missing.length === 0) return [];
    return mine.flatMap((interval) => {
      const [opens, closes] = [Math.max(from, interval.from), Math.min(to, interval.to)];
      return opens < closes && closes > 0
        ? [{ caller, callee, functions: missing, from: opens, to: closes }]
        : [];
    });
  });
}

/** A module that makes a call, with the code that makes it. */
interface Caller {
  readonly name: string;
  readonly facts: ModuleFacts;
}

/** By module, all that call it, with the code of either release. */
function callersByModule(
  callsIn: Readonly<Record<'left' | 'entered', (facts: ModuleFacts) => Calls>>,
  indexes: Readonly<Record<'left' | 'entered', ModuleIndex>>,
): ReadonlyMap<string, readonly Caller[]> {
  const callers = new Map<string, Caller[]>();
  for (const side of ['left', 'entered'] as const) {
    for (const [name, { facts }] of indexes[side]) {
      for (const module of callsIn[side](facts).keys()) {
        if (module === name) continue;
        const known = callers.get(module);
        if (known === undefined) callers.set(module, [{ name, facts }]);
        else known.push({ name, facts });
      }
    }
  }
  return callers;
}

/**
 * Whether nobody is in the caller meanwhile: its processes are suspended or its application is stopped, or everybody
 * who calls it is in the same case. Of a module that nobody is seen to call, one that comes or goes is not called, and
 * neither is a supervisor's `init/1` nor an application's `start/2`: those run when something starts, and where an
 * update calls `init/1` again the supervisor is suspended.
 */
function isQuiet(
  timeline: UpgradeTimeline,
  callers: ReadonlyMap<string, readonly Caller[]>,
  indexes: Readonly<Record<'left' | 'entered', ModuleIndex>>,
  { caller, from, to }: Window,
): boolean {
  /** The modules that call it with the code that they have in this time. */
  const callersThen = (module: string): string[] =>
    (callers.get(module) ?? []).flatMap(({ name, facts }) =>
      timeline
        .intervals(name)
        .some((interval) => interval.code === facts && interval.from < to && from < interval.to)
        ? [name]
        : [],
    );
  const factsOf = (module: string): ModuleFacts | undefined =>
    (indexes.left.get(module) ?? indexes.entered.get(module))?.facts;
  const rest = (module: string): 'rests' | 'called' | 'ask its callers' => {
    if (timeline.rests(module, from, to)) return 'rests';
    const comesOrGoes = !indexes.left.has(module) || !indexes.entered.has(module);
    return comesOrGoes || callersThen(module).length > 0 ? 'ask its callers' : 'called';
  };
  return (
    holdsForAll(caller, rest, callersThen) ||
    holdsForAll(
      caller,
      (module) => (runsAtStart(factsOf(module)) ? 'ask its callers' : 'called'),
      callersThen,
    )
  );
}

/** Whether none of a module and of those that call it is `called`, as far up as each says that its callers count. */
function holdsForAll(
  caller: string,
  state: (module: string) => 'rests' | 'called' | 'ask its callers',
  callersOf: (module: string) => readonly string[],
): boolean {
  // A set is walked in the order of insertion, what is added on the way included: chains are as long as a release.
  const asked = new Set([caller]);
  for (const module of asked) {
    const said = state(module);
    if (said === 'called') return false;
    if (said === 'ask its callers') for (const name of callersOf(module)) asked.add(name);
  }
  return true;
}

function runsAtStart(facts: ModuleFacts | undefined): boolean {
  if (facts === undefined) return false;
  return (
    facts.behaviours.some((name) => name === 'application' || name === 'Elixir.Application') ||
    moduleRole(facts).kind === 'supervisor'
  );
}

function diagnosticOf(
  { caller, callee, functions, from, to }: Window,
  {
    instructions,
    pairName,
    application,
    unavoidable,
  }: {
    readonly instructions: readonly LowLevelInstruction[];
    readonly pairName: string;
    readonly application: string;
    readonly unavoidable: boolean;
  },
): Diagnostic {
  const names = functions.map((name) => `${callee}:${name}`).join(', ');
  const text = (at: number): string => {
    const instruction = instructions[at];
    return instruction === undefined ? '' : printTerm(instructionToTerm(instruction), { width: Infinity });
  };
  const when = [
    from < 0 ? [] : `after ${text(from)}`,
    to >= instructions.length ? 'to the end' : `until ${text(to)}`,
  ]
    .flat()
    .join(' ');
  return {
    code: 'call-window',
    severity: unavoidable ? 'warning' : 'error',
    application,
    module: caller,
    message: `${pairName}, ${caller} calls ${names}, which ${functions.length === 1 ? 'is' : 'are'} not there ${when}: whoever makes that call then gets undef.`,
    fix: unavoidable
      ? `No order avoids it: keep the old function beside the new one in ${callee} for one release, or have processes call them that can be suspended.`
      : `Put the instruction for ${callee} on the other side of that for ${caller}, or leave both sections to be generated.`,
  };
}
