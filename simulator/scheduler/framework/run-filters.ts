import type { Pod } from '@slipway/kube';
import type { NodeInfo } from '../cache/node-info.ts';
import type { PodInfo } from '../cache/pod-info.ts';
import type { CycleState } from './cycle-state.ts';
import type { Framework } from './framework.ts';
import type { Status } from './status.ts';
import type { FilterPlugin } from './types.ts';

/** A refusal and whose it is. */
export interface Refusal {
  readonly plugin: string;
  readonly status: Status;
}

/** Pods that hold a nomination on a node. */
export type NominatedPods = (nodeName: string) => readonly PodInfo[];

/** Filters that have something to say about this pod. */
export function activeFilters({ filter }: Framework, { skipFilter }: CycleState): readonly FilterPlugin[] {
  return skipFilter.size === 0 ? filter : filter.filter(({ name }) => !skipFilter.has(name));
}

/** Asks the filters in order; the first refusal ends it. Undefined: the node passes. */
export function runFilters(filters: readonly FilterPlugin[], pod: Pod, nodeInfo: NodeInfo, state: CycleState): Refusal | undefined {
  for (const plugin of filters) {
    const status = plugin.filter(pod, nodeInfo, state);
    if (status.code !== 'Success') return { plugin: plugin.name, status };
  }
  return undefined;
}

/**
 * As above, but pods of at least the same priority that are nominated to the node count as if they ran there. When there are any, the
 * node must pass with them and without, since they may never come.
 * Source: `framework/runtime/framework.go` RunFilterPluginsWithNominatedPods.
 */
export function runFiltersWithNominatedPods(
  framework: Framework,
  filters: readonly FilterPlugin[],
  nominated: readonly PodInfo[],
  nodeInfo: NodeInfo,
  state: CycleState,
): Refusal | undefined {
  const { pod, priority, uid } = state.podInfo;
  const counted = nominated.filter((other) => other.priority >= priority && other.uid !== uid);
  if (counted.length > 0) {
    const whatIf = state.clone();
    let crowded = nodeInfo;
    for (const other of counted) {
      crowded = crowded.withPod(other);
      addPodToState(framework, whatIf, other, crowded);
    }
    const refusal = runFilters(filters, pod, crowded, whatIf);
    if (refusal) return refusal;
  }
  return runFilters(filters, pod, nodeInfo, state);
}

/** Tells the plugins that keep counts of other pods. */
export function addPodToState({ preFilter }: Framework, state: CycleState, added: PodInfo, nodeInfo: NodeInfo): void {
  for (const plugin of preFilter) {
    if (plugin.addPod && !state.skipFilter.has(plugin.name)) plugin.addPod(state.podInfo.pod, added, nodeInfo, state);
  }
}

export function removePodFromState({ preFilter }: Framework, state: CycleState, removed: PodInfo, nodeInfo: NodeInfo): void {
  for (const plugin of preFilter) {
    if (plugin.removePod && !state.skipFilter.has(plugin.name)) plugin.removePod(state.podInfo.pod, removed, nodeInfo, state);
  }
}
