import { type Node, type Pod } from '@slipway/kube';
import { isEqualData } from '../../framework/equal-data.ts';
import { asNode, asPod, isOwnUpdate, isUnplaced } from '../../framework/hints.ts';
import type { FilterPlugin, PreFilterPlugin, PreScorePlugin, ScorePlugin } from '../../framework/types.ts';
import { type Constraint, constraintsOf, hasAllDomains } from './constraints.ts';
import { filter, preFilter, updateWithPod } from './filtering.ts';
import { normalize, preScore, score } from './scoring.ts';

/** Spreads a pod's kind evenly over hosts, zones or other domains, by rule or by wish. Source: `plugins/podtopologyspread/`. */
export const podTopologySpread: PreFilterPlugin & FilterPlugin & PreScorePlugin & ScorePlugin = {
  name: 'PodTopologySpread',
  preFilter,
  addPod: (pod, added, nodeInfo, state) => updateWithPod(pod, added, nodeInfo, state, 1),
  removePod: (pod, removed, nodeInfo, state) => updateWithPod(pod, removed, nodeInfo, state, -1),
  filter,
  preScore,
  score: (_pod, nodeInfo, state) => score(nodeInfo, state),
  normalizeScore: (scores, _pod, nodes, state) => normalize(scores, nodes, state),
  eventsToRegister: [
    { resource: 'Pod', actionType: ['Add', 'UpdatePodLabel', 'UpdatePodToleration', 'Delete'], hint: afterPodChange },
    { resource: 'Node', actionType: ['Add', 'Delete', 'UpdateNodeLabel', 'UpdateNodeTaint'], hint: afterNodeChange },
  ],
};

/** Only rules refuse pods, and the system's defaults are wishes. */
const rulesOf = (pod: Pod): readonly Constraint[] => constraintsOf(pod, 'DoNotSchedule', () => undefined);

function afterPodChange(pod: Pod, before: unknown, after: unknown): 'Queue' | 'QueueSkip' {
  const [was, is] = [asPod(before), asPod(after)];
  const isInvolved = (other: Pod): boolean =>
    isOwnUpdate(pod, other) || (!isUnplaced(other) && other.metadata.namespace === pod.metadata.namespace);
  if ((is && !isInvolved(is)) || (was && !isInvolved(was))) return 'QueueSkip';
  const constraints = rulesOf(pod);
  const matches = (other: Pod | undefined): readonly boolean[] =>
    constraints.map(({ matcher }) => (other && matcher?.matches(other.metadata.labels)) ?? false);
  if (was && is) {
    const tolerates = isOwnUpdate(pod, is) && !isEqualData(was.spec.tolerations, is.spec.tolerations);
    if (tolerates && constraints.some(({ honorNodeTaints }) => honorNodeTaints)) return 'Queue';
    return isEqualData(matches(was), matches(is)) ? 'QueueSkip' : 'Queue';
  }
  return matches(is ?? was).some((match) => match) ? 'Queue' : 'QueueSkip';
}

function afterNodeChange(pod: Pod, before: unknown, after: unknown): 'Queue' | 'QueueSkip' {
  const [was, is] = [asNode(before), asNode(after)];
  const constraints = rulesOf(pod);
  const counts = (node: Node | undefined): boolean => node !== undefined && hasAllDomains(node, constraints);
  if (!was || !is) return counts(is ?? was) ? 'Queue' : 'QueueSkip';
  if (counts(was) !== counts(is)) return 'Queue';
  if (!counts(is)) return 'QueueSkip';
  const moved = constraints.some(({ topologyKey }) => was.metadata.labels?.[topologyKey] !== is.metadata.labels?.[topologyKey]);
  return moved || !isEqualData(was.spec.taints ?? [], is.spec.taints ?? []) ? 'Queue' : 'QueueSkip';
}
