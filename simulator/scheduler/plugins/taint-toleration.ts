import { isTolerated, type Node, type Pod, type Toleration, untoleratedTaint } from '@slipway/kube';
import { StateKey } from '../framework/cycle-state.ts';
import { asNode, isOwnUpdate } from '../framework/hints.ts';
import { defaultNormalizeScore } from '../framework/normalize-score.ts';
import { success, unschedulableAndUnresolvable } from '../framework/status.ts';
import type { FilterPlugin, PreScorePlugin, ScorePlugin } from '../framework/types.ts';

const preferences = new StateKey<readonly Toleration[]>('PreScoreTaintToleration');
const refusal = unschedulableAndUnresolvable('node(s) had untolerated taint(s)');

const isRefused = (pod: Pod, node: Node): boolean =>
  untoleratedTaint(node.spec.taints, pod.spec.tolerations, ['NoSchedule', 'NoExecute']) !== undefined;

/**
 * Refuses a node that has a NoSchedule or NoExecute taint the pod does not tolerate, and prefers nodes with fewer PreferNoSchedule ones.
 * Source: `plugins/tainttoleration/taint_toleration.go`.
 */
export const taintToleration: FilterPlugin & PreScorePlugin & ScorePlugin = {
  name: 'TaintToleration',
  filter(pod, { node }) {
    if (node.spec.taints === undefined || node.spec.taints.length === 0) return success;
    // Evicting other pods removes no taint, so preemption has nothing to try here.
    return isRefused(pod, node) ? refusal : success;
  },
  preScore(pod, _nodes, state) {
    const { tolerations = [] } = pod.spec;
    // A toleration without effect tolerates all of them.
    state.write(
      preferences,
      tolerations.filter(({ effect }) => effect === undefined || effect === 'PreferNoSchedule'),
    );
    return success;
  },
  score(_pod, { node }, state) {
    if (node.spec.taints === undefined || node.spec.taints.length === 0) return 0;
    const tolerations = state.read(preferences);
    return node.spec.taints.filter((taint) => taint.effect === 'PreferNoSchedule' && !isTolerated(tolerations, taint)).length;
  },
  normalizeScore: (scores) => defaultNormalizeScore(scores, true),
  // A pod refused here is worth another try only after one of these.
  eventsToRegister: [
    {
      resource: 'Node',
      actionType: ['Add', 'UpdateNodeTaint'],
      hint(pod, before, after) {
        const [was, is] = [asNode(before), asNode(after)];
        return is && !isRefused(pod, is) && (was === undefined || isRefused(pod, was)) ? 'Queue' : 'QueueSkip';
      },
    },
    {
      resource: 'Pod',
      actionType: ['UpdatePodToleration'],
      hint: (pod, _before, after) => (isOwnUpdate(pod, after) ? 'Queue' : 'QueueSkip'),
    },
  ],
};
