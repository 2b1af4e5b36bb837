import type { ApiClient } from '@slipway/client';
import { codeOf, type Process } from '@slipway/kernel';
import { findCondition, type Pod, type PodCondition } from '@slipway/kube';

/** What the scheduler has to say of a pod. */
export interface PodStatusChange {
  /** `lastTransitionTime` is now; used only when the condition's status changes. */
  readonly condition?: PodCondition & { readonly lastTransitionTime: string };
  /** Empty takes a nomination back. Left out: stays as it is. */
  readonly nominatedNodeName?: string;
}

/**
 * Patches what differs; nothing when all is said already. A pod that is gone is nobody's concern, and what the API server refuses is
 * said again at the next attempt. Source: `pkg/scheduler/schedule_one.go` updatePod.
 */
export function* patchPodStatus(api: ApiClient, pod: Pod, change: PodStatusChange): Process {
  const status: { conditions?: readonly PodCondition[]; nominatedNodeName?: string | null } = {};
  if (change.condition) {
    const known = findCondition(pod.status?.conditions, change.condition.type);
    const { lastTransitionTime } =
      known?.status === change.condition.status && known.lastTransitionTime !== undefined ? known : change.condition;
    const same =
      known?.status === change.condition.status && known.reason === change.condition.reason && known.message === change.condition.message;
    if (!same) status.conditions = [{ ...change.condition, ...(lastTransitionTime !== undefined && { lastTransitionTime }) }];
  }
  const { nominatedNodeName } = change;
  if (nominatedNodeName !== undefined && nominatedNodeName !== (pod.status?.nominatedNodeName ?? '')) {
    status.nominatedNodeName = nominatedNodeName === '' ? null : nominatedNodeName;
  }
  if (Object.keys(status).length === 0) return;
  const { namespace = 'default', name } = pod.metadata;
  try {
    yield* api.pods.patch({ namespace, name, subresource: 'status', type: 'strategic', patch: { status } });
  } catch (failure) {
    if (codeOf(failure) === 'UNKNOWN') throw failure;
  }
}
