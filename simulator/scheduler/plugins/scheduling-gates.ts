import { isOwnUpdate } from '../framework/hints.ts';
import { success, unschedulableAndUnresolvable } from '../framework/status.ts';
import type { PreEnqueuePlugin } from '../framework/types.ts';

/** Holds a pod back until its last scheduling gate is removed. Source: `plugins/schedulinggates/scheduling_gates.go`. */
export const schedulingGates: PreEnqueuePlugin = {
  name: 'SchedulingGates',
  preEnqueue(pod) {
    const gates = pod.spec.schedulingGates ?? [];
    if (gates.length === 0) return success;
    return unschedulableAndUnresolvable(`waiting for scheduling gates: [${gates.map(({ name }) => name).join(' ')}]`);
  },
  eventsToRegister: [
    {
      resource: 'Pod',
      actionType: ['UpdatePodSchedulingGatesEliminated'],
      hint: (pod, _old, updated) => (isOwnUpdate(pod, updated) ? 'Queue' : 'QueueSkip'),
    },
  ],
};
