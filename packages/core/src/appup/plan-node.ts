import type { Instruction } from './instruction';
import type { ModuleStep } from './module-step';

/** What planning puts in order: what happens to a module, or to a child of a supervisor. */
export type PlanNode =
  { readonly kind: 'module'; readonly application: string; readonly step: ModuleStep } | ChildNode;

/** A child that only one of the versions has is started or stopped by hand: a code change starts and stops nothing. */
export interface ChildNode {
  readonly kind: 'start-child' | 'stop-child';
  /** Of the supervisor. */
  readonly application: string;
  /** The module in which the supervisor is. */
  readonly supervisor: string;
  /** The module that the child is started by. */
  readonly startModule: string | undefined;
  readonly id: string;
  /** Children start in the order of the supervisor and stop the other way round: the smaller one first. */
  readonly position: number;
  readonly instructions: readonly Instruction[];
  /** One sentence without a full stop. */
  readonly reason: string;
}

/**
 * How much one thing has to come before another, the strongest last. Around a circle the weaker ones are given up:
 *
 * - `wish`: a child runs before others begin to ask it, and is asked no more when it is stopped;
 * - `should`: what a module calls that comes or goes, which nobody calls yet or any more;
 * - `must`: a call that would fail.
 */
export type Strength = 'wish' | 'should' | 'must';

/** One thing comes before another, and why. */
export interface Constraint {
  readonly before: PlanNode;
  readonly after: PlanNode;
  readonly strength: Strength;
  readonly reason: string;
  /** Of a call: the module that makes it. */
  readonly caller?: string;
}

/** What decides the order where nothing else does. */
export function nameOfNode(node: PlanNode): string {
  if (node.kind === 'module') return node.step.module;
  return `${node.supervisor} ${String(node.position).padStart(8, '0')}`;
}
