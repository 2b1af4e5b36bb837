import {
  type Container,
  type ContainerState,
  type ContainerStatus,
  formatTime,
  isSidecar,
  type Pod,
  type VolumeMountStatus,
} from '@slipway/kube';

import { latest, type ObservedContainer, type ObservedPod } from '../decisions/observed-pod.ts';
import { shouldStart } from '../decisions/should-restart.ts';

/** Why the last start of a container failed: a waiting reason and its details. */
export interface StartError {
  /** `ErrImagePull`, `CrashLoopBackOff`, `CreateContainerError` … */
  readonly reason: string;
  readonly message: string;
}

/** What the statuses of one list of containers are made of. */
export interface ContainerStatusInput {
  readonly pod: Pod;
  readonly observed: ObservedPod;
  readonly containers: readonly Container[];
  readonly init: boolean;
  /** What was reported before. */
  readonly previous: readonly ContainerStatus[] | undefined;
  /** Scheme of container ids: `containerd`. */
  readonly runtimeName: string;
  readonly startError: (container: string) => StartError | undefined;
}

/** Message of a container that vanished without a trace while it ran. */
const notLocated = 'The container could not be located when the pod was';

/**
 * Statuses of the containers of one list, without `ready` and `started`, which the probes know. Init containers keep the order of the
 * spec, others are sorted by name.
 *
 * Source: `pkg/kubelet/kubelet_pods.go` convertToAPIContainerStatuses.
 */
export function containerStatuses(input: ContainerStatusInput): ContainerStatus[] {
  const statuses = input.containers.map((container) => containerStatus(container, input));
  return input.init ? statuses : statuses.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function containerStatus(container: Container, input: ContainerStatusInput): ContainerStatus {
  const { pod, observed } = input;
  const old = input.previous?.find(({ name }) => name === container.name);
  const [newest, before] = instances(observed, container.name);
  let status = newest ? fromRuntime(container, newest, old, input.runtimeName) : withoutInstance(container, old, pod);
  if (newest && before) status = { ...status, lastState: fromRuntime(container, before, old, input.runtimeName).state ?? {} };
  if (input.init) {
    // An init container that succeeded is not run again, whatever its policy says.
    if (newest?.state === 'exited' && newest.exitCode === 0) return status;
    if (!newest && !isSidecar(container) && status.state?.waiting && anyRegularCreated(pod, observed))
      return { ...status, state: collected };
  }
  const error = shouldStart(container, pod, observed) ? input.startError(container.name) : undefined;
  if (!error) return status;
  const waiting = { waiting: { reason: error.reason, message: error.message } };
  return { ...status, ...(status.state?.terminated ? { lastState: status.state } : {}), state: waiting };
}

/** An init container that the garbage collector removed while the pod runs on. */
const collected: ContainerState = {
  terminated: {
    reason: 'Completed',
    message: 'Unable to get init container status from container runtime and pod has been initialized, treat it as exited normally',
    exitCode: 0,
  },
};

function instances(observed: ObservedPod, name: string): readonly [ObservedContainer?, ObservedContainer?] {
  const found: [ObservedContainer?, ObservedContainer?] = [];
  for (const container of observed.containers) {
    if (container.name === name && found.push(container) === 2) break;
  }
  return found;
}

function anyRegularCreated(pod: Pod, observed: ObservedPod): boolean {
  return pod.spec.containers.some(({ name }) => latest(observed, name) !== undefined);
}

/** The runtime knows nothing of it: it has yet to be made, or it is lost. */
function withoutInstance(container: Container, old: ContainerStatus | undefined, pod: Pod): ContainerStatus {
  if (old?.state?.terminated) return old;
  const reason = (pod.spec.initContainers ?? []).length > 0 ? 'PodInitializing' : 'ContainerCreating';
  const status: ContainerStatus = {
    name: container.name,
    state: { waiting: { reason } },
    ...(old?.lastState ? { lastState: old.lastState } : {}),
    ready: false,
    restartCount: old?.restartCount ?? 0,
    image: container.image ?? '',
    imageID: '',
    ...volumeMounts(container),
  };
  if (!old?.state?.running || old.lastState?.terminated) return status;
  // It ran and is gone. Without this it would look as if it had never run, and the pod would fall back to Pending.
  const terminated = {
    reason: 'ContainerStatusUnknown',
    message: `${notLocated} deleted.  The container used to be Running`,
    exitCode: 137,
  };
  const restarts = pod.metadata.deletionTimestamp === undefined ? 1 : 0;
  return { ...status, lastState: { terminated }, restartCount: status.restartCount + restarts };
}

function fromRuntime(
  container: Container,
  from: ObservedContainer,
  old: ContainerStatus | undefined,
  runtimeName: string,
): ContainerStatus {
  const containerID = `${runtimeName}://${from.id}`;
  const { state, restarts } = runtimeState(from, old, containerID);
  const lastTerminated = old?.containerID !== containerID && old?.state?.terminated ? old.state.terminated : old?.lastState?.terminated;
  return {
    name: from.name,
    state,
    ...(lastTerminated ? { lastState: { terminated: lastTerminated } } : {}),
    ready: false,
    restartCount: restarts,
    image: from.image,
    imageID: from.imageRef,
    containerID,
    resources: container.resources ?? {},
    ...(container.resources?.requests ? { allocatedResources: container.resources.requests } : {}),
    ...(old?.volumeMounts ? { volumeMounts: old.volumeMounts } : volumeMounts(container)),
    ...(from.user ? { user: from.user } : {}),
    ...(from.stopSignal ? { stopSignal: from.stopSignal } : {}),
  };
}

function runtimeState(
  from: ObservedContainer,
  old: ContainerStatus | undefined,
  containerID: string,
): { state: ContainerState; restarts: number } {
  const restarts = Math.max(from.restartCount, old?.restartCount ?? 0);
  switch (from.state) {
    case 'running': {
      const again = old?.state?.terminated !== undefined && old.restartCount >= from.restartCount;
      return { state: { running: { startedAt: formatTime(from.startedAt) } }, restarts: again ? old.restartCount + 1 : restarts };
    }
    case 'exited': {
      const terminated = {
        exitCode: from.exitCode,
        reason: from.reason,
        ...(from.message === '' ? {} : { message: from.message }),
        ...(from.startedAt > 0 ? { startedAt: formatTime(from.startedAt) } : {}),
        ...(from.finishedAt > 0 ? { finishedAt: formatTime(from.finishedAt) } : {}),
        containerID,
      };
      return { state: { terminated }, restarts };
    }
    case 'unknown':
      // It ran, and nobody knows how it ended: that is an end, lest a pod that runs once is run twice.
      if (old?.state?.running) {
        const terminated = { reason: 'ContainerStatusUnknown', message: `${notLocated} terminated`, exitCode: 137 };
        return { state: { terminated }, restarts: old.restartCount + 1 };
      }
      return { state: { waiting: {} }, restarts };
    case 'created':
      return { state: { waiting: {} }, restarts };
  }
}

function volumeMounts(container: Container): { readonly volumeMounts?: readonly VolumeMountStatus[] } {
  const mounts = container.volumeMounts;
  if (!mounts || mounts.length === 0) return {};
  return {
    volumeMounts: mounts.map(({ name, mountPath, readOnly, recursiveReadOnly }) => ({
      name,
      mountPath,
      ...(readOnly ? { readOnly, recursiveReadOnly: recursiveReadOnly === 'Enabled' ? 'Enabled' : 'Disabled' } : {}),
    })),
  };
}
