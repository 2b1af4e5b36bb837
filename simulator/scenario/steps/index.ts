import { messageOf, type Process } from '@slipway/kernel';
import { oddsOf } from '../../faults/index.ts';
import type { ScenarioStep } from '../scenario.ts';
import type { FaultDocument } from '../schema.ts';
import type { Value } from '../variables.ts';
import { stepError } from './step-error.ts';
import type { StepContext, StepKind } from './step-kind.ts';
import { stepKind } from './table.ts';

export { checkStep } from './check-step.ts';
export { describeStep } from './describe-step.ts';
export { StepError } from './step-error.ts';
export type { StepContext } from './step-kind.ts';

/**
 * Performs one step as the person with kubectl, in virtual time. All that follows from it has the step as its cause in the trace:
 * `scenario step/<action>`.
 *
 * @returns what the step chose, for `as`: names of nodes, of an object, of a fault.
 * @throws StepError when it fails in the run.
 */
export function* performStep(step: ScenarioStep, context: StepContext): Process<Value | undefined> {
  const { kernel } = context.cluster;
  const { action } = step;
  const kind = stepKind(action);
  const document = step.document[action];
  // A step follows from nothing but its scenario: without this, it would seem to follow from the step before it.
  // One of which nothing follows leaves no trace.
  if (!canStrike(step.document.fault)) kernel.cause = 0;
  else kernel.cause = kernel.record('log', 'scenario', `step/${action}`, subjectOf(kind, document, context), [step.text], undefined, 0);
  try {
    return yield* kind.perform(document, context, step);
  } catch (error) {
    const failure = stepError(error);
    kernel.record('log', 'scenario', `step/${action}/failed`, undefined, [messageOf(failure)]);
    throw failure;
  }
}

/** Nothing where a reference finds nothing: performing the step says so. */
function subjectOf(kind: StepKind<unknown>, document: unknown, context: StepContext): string | undefined {
  try {
    return kind.subject?.(document, context);
  } catch {
    return undefined;
  }
}

/** A fault of rate 0 is as good as none. */
function canStrike(fault: FaultDocument | undefined): boolean {
  return fault?.rate === undefined || oddsOf(fault.rate)[0] > 0;
}
