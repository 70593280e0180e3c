import { callConstraints, callsModule, codeChangeCalls, type ModuleNode } from './call-constraints';
import { backToItsCallbackMode } from './callback-mode';
import { childConstraints } from './child-constraints';
import { childNodes } from './child-nodes';
import { moduleInstruction, roleOf, type PlannedInstruction } from './module-instruction';
import { convertsState, specialProcess } from './module-role';
import type { ModuleStep } from './module-step';
import { orderNodes, type NodeGroup } from './order-nodes';
import type { Constraint, PlanNode } from './plan-node';
import { noPolicy, type UpgradePolicy } from './policy';
import { applyModulePolicy, policyConstraints } from './policy-in-plan';
import { setUpConstraints } from './set-up-constraints';
import { enteredFrom, foundByAnother } from './supervised-processes';
import type { Transition } from './transition';
import { waitingProcesses } from './waiting-processes';

/** What is planned for one direction between two releases. */
export interface PlannedTransition {
  readonly transition: Transition;
  /** The instructions of each application whose version differs. */
  readonly applications: ReadonlyMap<string, readonly PlannedInstruction[]>;
  /** All that was put in order, and what it had to meet: also between applications, and with those that come and go. */
  readonly constraints: readonly Constraint[];
}

/**
 * Plans the instructions that take every application from one release to the other. Pure: it looks at the facts of
 * modules and at nothing else.
 *
 * All of it is put in one order, of which each application has its part; in which order the parts stand in the relup is
 * left to `applicationOrder`.
 *
 * @param written the modules that have an instruction in the section that people wrote for an application, by that
 *   application
 */
export function planTransition(
  transition: Transition,
  policy: UpgradePolicy = noPolicy,
  written: ReadonlyMap<string, ReadonlySet<string>> = new Map(),
): PlannedTransition {
  const isRestarted = (application: string): boolean =>
    ofTheEmulator.has(application) || policy.applications.get(application)?.strategy === 'restart';
  const hot = transition.changed.filter(({ application }) => !isRestarted(application));
  const replaced = processesOfOthers(transition);
  const own = toNodes([...hot.flatMap(({ steps }) => steps), ...replaced.steps]);
  const others = [
    ...transition.changed.filter(({ application }) => isRestarted(application)),
    ...transition.added,
    ...transition.removed,
  ].flatMap(({ steps }) => toNodes(steps));
  const children = childNodes({ ...transition, changed: hot });
  const modules = [...own, ...others];
  const needed = [
    ...callConstraints(transition, modules),
    ...childConstraints(children, modules, transition),
    ...setUpConstraints(transition, modules),
    ...policyConstraints(policy, modules, transition.direction),
    ...replaced.constraints(modules),
  ];
  const waiting = waitingProcesses(transition, [...own, ...children], needed);
  const constraints = [...needed, ...waiting.constraints];
  const groups = orderNodes([...own, ...waiting.nodes, ...children], constraints);
  const ordered = groups.flatMap((group) =>
    groupInstructions(group, transition, policy, replaced, (step) => {
      const modules = written.get(step.application);
      return modules === undefined || modules.has(step.module);
    }),
  );
  const applications = new Map<string, readonly PlannedInstruction[]>();
  for (const { application } of transition.changed) {
    const wanted = policy.applications.get(application);
    applications.set(application, [
      ...stepsOfPolicy(wanted?.before[transition.direction], 'before'),
      ...(isRestarted(application)
        ? [restart(application)]
        : ordered.filter((one) => one.application === application).map(({ planned }) => planned)),
      ...stepsOfPolicy(wanted?.after[transition.direction], 'after'),
    ]);
  }
  return { transition, applications, constraints };
}

function toNodes(steps: readonly ModuleStep[]): ModuleNode[] {
  return steps.map((step) => ({ kind: 'module', application: step.application, step }));
}

function stepsOfPolicy(
  instructions: readonly PlannedInstruction['instruction'][] = [],
  when: 'before' | 'after',
): PlannedInstruction[] {
  return instructions.map((instruction) => ({
    instruction,
    reason: `the configuration wants it ${when} everything else`,
  }));
}

/**
 * What is loaded before anything else, and holds release_handler itself: OTP's own appups restart the emulator for them,
 * and where these know nothing of a pair of versions, so does whoever writes one.
 */
const ofTheEmulator: ReadonlySet<string> = new Set(['kernel', 'stdlib', 'sasl']);

function restart(application: string): PlannedInstruction {
  if (ofTheEmulator.has(application)) {
    return {
      instruction: { kind: 'restart_new_emulator' },
      reason: `${application} can't be replaced on a running node, and its own appup has no section for this pair`,
    };
  }
  return {
    instruction: { kind: 'restart_application', application },
    reason:
      'the configuration wants it restarted: its processes lose their state, and callers find it gone meanwhile',
  };
}

interface OrderedInstruction {
  readonly application: string;
  readonly planned: PlannedInstruction;
}

/**
 * Those of a group are written with the callers first, which is the order in which they are suspended.
 * @param hasInstruction whether an instruction names the module, so that it may be among the DepMods of another
 */
function groupInstructions(
  { nodes }: NodeGroup,
  transition: Transition,
  policy: UpgradePolicy,
  replaced: ReplacedProcesses,
  hasInstruction: (step: ModuleStep) => boolean,
): OrderedInstruction[] {
  const { direction } = transition;
  const versionOf = (application: string): string =>
    transition.changed.find((one) => one.application === application)?.version ?? '';
  const ordered = callersFirst(nodes.flatMap((node) => (node.kind === 'module' ? [node.step] : [])));
  // Nothing waits for a group of which no process is suspended: DepMods would only say what is not true.
  const suspends = ordered.some((step) => roleOf(step, transition).kind !== 'functional');
  // With DepMods systools loads a group backwards on the way up.
  const steps = suspends || direction === 'down' ? ordered : [...ordered].reverse();
  const group = steps.map(({ module }) => module);
  return [
    ...nodes.flatMap((node) =>
      node.kind === 'module'
        ? []
        : node.instructions.map((instruction) => ({
            application: node.application,
            planned: { instruction, reason: node.reason },
          })),
    ),
    ...steps.flatMap((step, at) => {
      const { application } = step;
      const next = steps.slice(at + 1).find(hasInstruction);
      const planned = moduleInstruction(step, transition, {
        dependencies: next === undefined || !suspends ? [] : [next.module],
        group: suspends ? group : [step.module],
        runsFor: replaced.runsFor(step.module),
        runs: replaced.runs(step.module),
      });
      const wanted = policy.applications.get(application)?.modules.get(step.module);
      const decided = applyModulePolicy(planned, wanted);
      const all = backToItsCallbackMode(step, decided, direction, versionOf(application)) ?? [decided];
      return all.map((each) => ({ application, planned: each }));
    }),
  ];
}

/**
 * Who calls others of the group is suspended before them, or it would wait in a call to one that is suspended until it
 * is given up. In the same order the states are converted: a module whose conversion is needed by that of another
 * comes before it, and this counts more.
 */
function callersFirst(steps: readonly ModuleStep[]): ModuleStep[] {
  if (steps.length < 2) return [...steps];
  const nodes = steps.map((step): PlanNode => ({ kind: 'module', application: step.application, step }));
  const constraints: Constraint[] = [];
  for (const before of nodes) {
    for (const after of nodes) {
      if (before === after || before.kind !== 'module' || after.kind !== 'module') continue;
      if (codeChangeCalls(after.step, before.step.module)) {
        constraints.push({ before, after, strength: 'must', reason: '' });
      } else if (callsModule(before.step, after.step.module)) {
        constraints.push({ before, after, strength: 'wish', reason: '' });
      }
    }
  }
  return orderNodes(nodes, constraints).flatMap(({ nodes: ordered }) =>
    ordered.flatMap((node) => (node.kind === 'module' ? [node.step] : [])),
  );
}

/** Processes that are found by the name of another module than the one they run. */
interface ReplacedProcesses {
  /** For modules that do not change and are named all the same. */
  readonly steps: readonly ModuleStep[];
  readonly constraints: (nodes: readonly ModuleNode[]) => readonly Constraint[];
  readonly runsFor: (module: string) => readonly string[];
  readonly runs: (module: string) => readonly string[];
}

function processesOfOthers(transition: Transition): ReplacedProcesses {
  const all = transition.changed.flatMap(({ steps }) => steps);
  const found = foundByAnother(transition.left);
  const replaced = new Map<string, readonly string[]>();
  const extra: ModuleStep[] = [];
  for (const step of all) {
    if (step.left === undefined || step.entered === undefined) continue;
    const role = roleOf(step, transition);
    if (role.kind !== 'process') continue;
    // What is loaded without a word to its processes needs nobody to find them.
    if (role.behaviour !== specialProcess && !convertsState(role.conversion)) continue;
    const named = found.get(step.module);
    const names = named === undefined ? enteredFrom(step.module, transition.left) : [named];
    const known = names.filter((name) => transition.left.has(name) && transition.entered.has(name));
    if (known.length === 0) continue;
    replaced.set(step.module, known);
    for (const name of known) {
      if ([...all, ...extra].some(({ module }) => module === name)) continue;
      const { application } = step;
      const left = transition.left.get(name)?.facts;
      const entered = transition.entered.get(name)?.facts;
      const newer = transition.direction === 'up' ? entered : left;
      extra.push({ module: name, application, left, entered, newer, difference: 'nothing' });
    }
  }
  return {
    steps: extra,
    runsFor: (module) => replaced.get(module) ?? [],
    runs: (module) => [...replaced].filter(([, names]) => names.includes(module)).map(([name]) => name),
    constraints: (nodes) =>
      [...replaced].flatMap(([module, names]) =>
        names.flatMap((named): Constraint[] => {
          const [one, other] = [module, named].map((name) => nodes.find(({ step }) => step.module === name));
          if (one === undefined || other === undefined) return [];
          const reason = `processes that run ${module} are found by the name of ${named}`;
          return [
            { before: one, after: other, strength: 'must', reason },
            { before: other, after: one, strength: 'must', reason },
          ];
        }),
      ),
  };
}
