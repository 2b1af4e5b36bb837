import { type Taint, taintKeys, tolerates } from '@slipway/kube';
import { asNode, asPod, isOwnUpdate } from '../framework/hints.ts';
import { success, unschedulableAndUnresolvable } from '../framework/status.ts';
import type { FilterPlugin } from '../framework/types.ts';

const cordonTaint: Taint = { key: taintKeys.unschedulable, effect: 'NoSchedule' };
const refusal = unschedulableAndUnresolvable('node(s) were unschedulable');

/** Refuses cordoned nodes, unless the pod tolerates the taint that stands for it. Source: `plugins/nodeunschedulable/node_unschedulable.go`. */
export const nodeUnschedulable: FilterPlugin = {
  name: 'NodeUnschedulable',
  filter(pod, { node }) {
    if (node.spec.unschedulable !== true || tolerates(pod, cordonTaint)) return success;
    return refusal;
  },
  eventsToRegister: [
    {
      resource: 'Node',
      actionType: ['Add', 'UpdateNodeTaint'],
      hint(_pod, before, after) {
        const [was, is] = [asNode(before)?.spec.unschedulable, asNode(after)?.spec.unschedulable];
        return is !== true && (before === undefined || was === true) ? 'Queue' : 'QueueSkip';
      },
    },
    {
      resource: 'Pod',
      actionType: ['UpdatePodToleration'],
      hint(pod, _before, after) {
        const updated = asPod(after);
        return updated && isOwnUpdate(pod, updated) && tolerates(updated, cordonTaint) ? 'Queue' : 'QueueSkip';
      },
    },
  ],
};
