import { type Pod, podRequests } from '@slipway/kube';
import { definePlugin } from '@slipway/plugin';
import type { SchedulerPlugin, Status } from '@slipway/simulator';

const success: Status = { code: 'Success', reasons: [] };

/** A rule of the scheduler's that takes the place of the built-in one: the pods on a node, and the new one, fit into what it has of CPU. */
export function cpuFits(counts: (pod: Pod) => boolean = () => true): SchedulerPlugin {
  return {
    name: 'NodeResourcesFit',
    filter(pod, { pods, allocatable }) {
      const used = pods.filter((each) => counts(each.pod)).reduce((sum, each) => sum + cpuOf(each.pod), 0);
      if (pods.length < allocatable.allowedPodNumber && used + cpuOf(pod) <= allocatable.milliCPU) return success;
      return { code: 'Unschedulable', reasons: ['Insufficient cpu'] };
    },
  };
}

const cpuOf = (pod: Pod): number => podRequests(pod)['cpu'] ?? 0;

export default definePlugin({ interface: 'scheduler', name: 'my-scheduler', create: () => ({ plugins: [cpuFits()] }) });
