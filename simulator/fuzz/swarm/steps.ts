import { formatDuration, type Micros } from '@slipway/kernel';
import { stepTime } from '../../scenario/times.ts';
import type { StepDocument } from '../../scenario/schema.ts';

/** A time as scenarios write it. */
export const at = (time: Micros): string => formatDuration(time);

/** `csi` of `csi.Controller/CreateVolume`. */
export function interfaceOf(method: string): string {
  const dot = method.indexOf('.');
  return dot === -1 ? method : method.slice(0, dot);
}

/** When the last step begins. */
export function lastTime(steps: readonly StepDocument[]): Micros {
  return Math.max(0, ...steps.map((step) => stepTime(step.at) ?? 0));
}

/** Two lists of steps in one order of time; a step without a time stays with the one before it. */
export function merged(first: readonly StepDocument[], second: readonly StepDocument[]): StepDocument[] {
  const timed = [first, second].flatMap((steps) => {
    let time = 0;
    return steps.map((step) => {
      time = Math.max(time, stepTime(step.at) ?? time);
      return { step, time };
    });
  });
  const ordered = timed.toSorted((a, b) => a.time - b.time);
  // Between steps of the other list, a step has to say when it comes.
  return ordered.map(({ step, time }, index) => {
    if (step.at !== undefined || index === 0 || ordered[index - 1]?.time === time) return step;
    return { at: at(time), ...step };
  });
}
