import type { PlannedInstruction } from './module-instruction';
import type { Direction } from './module-step';
import { planTransition } from './plan-transition';
import { transitionOfApplication, type SingleApplication } from './transition';

/**
 * Plans the instructions that take one application from one version to the other, as if nothing surrounded it.
 *
 * @param direction `up` from `application.previous` to `application.next`, or `down`, the way back
 */
export function planInstructions(
  application: SingleApplication,
  direction: Direction,
): readonly PlannedInstruction[] {
  const { applications } = planTransition(transitionOfApplication(application, direction));
  return applications.get(application.name) ?? [];
}
