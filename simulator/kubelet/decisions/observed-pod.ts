import type { ContainerUser } from '@slipway/kube';

/** What the runtime says of a container, in the kubelet's words. */
export type ObservedState = 'created' | 'running' | 'exited' | 'unknown';

/** One instance of a container as the runtime shows it. Times are microseconds since the Unix epoch, 0 when there is none. */
export interface ObservedContainer {
  /** The runtime's id. */
  readonly id: string;
  /** Container name in the pod. */
  readonly name: string;
  readonly sandboxId: string;
  readonly state: ObservedState;
  readonly image: string;
  readonly imageRef: string;
  /** Hash of the spec it was made from; see `container-hash.ts`. */
  readonly hash: string;
  readonly restartCount: number;
  readonly createdAt: number;
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly exitCode: number;
  readonly reason: string;
  /** Termination message, else the runtime's own. */
  readonly message: string;
  readonly user?: ContainerUser;
  readonly stopSignal?: string;
}

/** One sandbox of a pod as the runtime shows it. */
export interface ObservedSandbox {
  readonly id: string;
  readonly attempt: number;
  readonly ready: boolean;
  readonly createdAt: number;
  readonly hostNetwork: boolean;
  /** Addresses, the main one first; undefined when the runtime reports no network at all. */
  readonly ips: readonly string[] | undefined;
}

/** All that the runtime has of one pod. Lists have the newest first. Source: `pkg/kubelet/container/runtime.go` PodStatus. */
export interface ObservedPod {
  readonly uid: string;
  readonly name: string;
  readonly namespace: string;
  /** Addresses of the newest ready sandbox, or the last known ones while no sandbox is ready. */
  readonly ips: readonly string[];
  readonly sandboxes: readonly ObservedSandbox[];
  readonly containers: readonly ObservedContainer[];
}

/** A pod of which the runtime has nothing. */
export function unseenPod(uid: string, name: string, namespace: string): ObservedPod {
  return { uid, name, namespace, ips: [], sandboxes: [], containers: [] };
}

/** The newest instance of a container. */
export function latest(observed: ObservedPod, name: string): ObservedContainer | undefined {
  return observed.containers.find((container) => container.name === name);
}

/** The sandbox that containers run in: the newest one, if it is ready. */
export function activeSandbox(observed: ObservedPod): ObservedSandbox | undefined {
  const newest = observed.sandboxes[0];
  return newest?.ready ? newest : undefined;
}
