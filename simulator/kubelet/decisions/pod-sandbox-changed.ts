import type { Pod } from '@slipway/kube';
import { isHostNetwork } from './containers.ts';
import type { ObservedPod } from './observed-pod.ts';

/** Whether the pod needs a new sandbox, the number that it gets, and the sandbox that is there. */
export interface SandboxVerdict {
  readonly changed: boolean;
  readonly attempt: number;
  /** Empty when there is none to go on with. */
  readonly sandboxId: string;
}

/** Source: `pkg/kubelet/kuberuntime/util/util.go` PodSandboxChanged. */
export function podSandboxChanged(pod: Pod, observed: ObservedPod): SandboxVerdict {
  const newest = observed.sandboxes[0];
  if (!newest) return { changed: true, attempt: 0, sandboxId: '' };
  const anew = { changed: true, attempt: newest.attempt + 1, sandboxId: newest.id };
  const ready = observed.sandboxes.filter((sandbox) => sandbox.ready).length;
  if (ready > 1 || !newest.ready) return anew;
  if (newest.hostNetwork !== isHostNetwork(pod)) return { ...anew, sandboxId: '' };
  if (!isHostNetwork(pod) && newest.ips !== undefined && (newest.ips[0] ?? '') === '') return anew;
  return { changed: false, attempt: newest.attempt, sandboxId: newest.id };
}
