import { type DaemonSet, isPodAvailable, isPodReady, type Pod, type Stored } from '@slipway/kube';
import { allowsSurge, isUpdated } from './node-pods.ts';
import type { Verdict } from './placement.ts';

/** What one node needs. `failed` and `succeeded` pods are deleted with a report, failed ones not faster than their back-off allows. */
export interface NodeNeeds {
  readonly create: boolean;
  readonly remove: readonly Stored<Pod>[];
  readonly failed: readonly Stored<Pod>[];
  readonly succeeded: readonly Stored<Pod>[];
}

const NOTHING: NodeNeeds = { create: false, remove: [], failed: [], succeeded: [] };

/**
 * Looks at one node. Source: `pkg/controller/daemon/daemon_controller.go`, podsShouldBeOnNode.
 *
 * @param pods of the set on this node, oldest first; `now` in Unix microseconds
 */
export function needsOf(set: DaemonSet, verdict: Verdict, pods: readonly Stored<Pod>[], hash: string, now: number): NodeNeeds {
  if (pods.length === 0) return verdict.run ? { ...NOTHING, create: true } : NOTHING;
  const live = pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  if (!verdict.stay) return { ...NOTHING, remove: live };
  const failed = live.filter(({ status }) => status?.phase === 'Failed');
  const succeeded = live.filter(({ status }) => status?.phase === 'Succeeded');
  const running = live.filter(({ status }) => status?.phase !== 'Failed' && status?.phase !== 'Succeeded');
  const remove = allowsSurge(set) ? surplusWhileSurging(set, running, hash, now) : running.slice(1);
  return { create: false, remove, failed, succeeded };
}

/** One new and one old pod may run side by side, until the new one is available or the old one is of no use. */
function surplusWhileSurging({ spec }: DaemonSet, running: readonly Stored<Pod>[], hash: string, now: number): readonly Stored<Pod>[] {
  if (running.length <= 1) return [];
  const fresh = running.find((pod) => isUpdated(pod, hash));
  const old = running.find((pod) => !isUpdated(pod, hash));
  const surplus = running.filter((pod) => pod !== fresh && pod !== old);
  if (fresh && old && (!isPodReady(old) || isPodAvailable(fresh, spec.minReadySeconds ?? 0, now))) surplus.push(old);
  return surplus;
}
