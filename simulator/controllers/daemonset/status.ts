import { type DaemonSet, type DaemonSetStatus, isPodAvailable, isPodReady, type Stored } from '@slipway/kube';
import { isUpdated, type NodePods } from './node-pods.ts';

/**
 * The status that the nodes amount to. Source: `pkg/controller/daemon/daemon_controller.go`, updateDaemonSetStatus.
 *
 * @param desired names of nodes that should run a pod; `known` tells nodes that exist; `now` in Unix microseconds
 */
export function daemonSetStatus(
  set: Stored<DaemonSet>,
  pods: NodePods,
  desired: ReadonlySet<string>,
  known: (node: string) => boolean,
  hash: string,
  now: number,
): DaemonSetStatus {
  let current = 0;
  let misscheduled = 0;
  let ready = 0;
  let available = 0;
  let updated = 0;
  for (const [node, group] of pods) {
    if (!known(node)) continue;
    if (!desired.has(node)) {
      misscheduled += 1;
      continue;
    }
    current += 1;
    const [oldest] = group;
    if (!oldest) continue;
    if (isPodReady(oldest)) ready += 1;
    if (isPodAvailable(oldest, set.spec.minReadySeconds ?? 0, now)) available += 1;
    if (isUpdated(oldest, hash)) updated += 1;
  }
  const { collisionCount, conditions } = set.status ?? {};
  return {
    currentNumberScheduled: current,
    numberMisscheduled: misscheduled,
    desiredNumberScheduled: desired.size,
    numberReady: ready,
    observedGeneration: set.metadata.generation ?? 0,
    updatedNumberScheduled: updated,
    numberAvailable: available,
    numberUnavailable: desired.size - available,
    ...(collisionCount === undefined ? {} : { collisionCount }),
    ...(conditions === undefined ? {} : { conditions }),
  };
}
