import { minutes } from '@slipway/kernel';
import {
  type Container,
  containerShouldRestart,
  type ContainerStatus,
  findCondition,
  isConditionTrue,
  isPodActive,
  isPodReady,
  isSidecar,
  isTerminal,
  type PersistentVolumeClaim,
  type Pod,
  type Stored,
  type Volume,
  type VolumeAttachment,
} from '@slipway/kube';
import type { ClusterState, Lack } from './state.ts';

/** Images are pulled, volumes attached and sandboxes made within so long of a pod's binding. */
const START = minutes(3);
/** What ends again and again pauses for up to 5 minutes; of a side-car that ended well the status does not say that it does. */
const BACK_OFF = minutes(6);
/** What waits for an image, for its own program or for what its author forgot, may wait for ever. */
const OWN_DOING: ReadonlySet<string> = new Set([
  'CrashLoopBackOff',
  'ErrImagePull',
  'ImagePullBackOff',
  'ErrImageNeverPull',
  'InvalidImageName',
  'CreateContainerConfigError',
  'RegistryUnavailable',
]);

/** How far a pod is. `excused`: it is not up, and need not be. */
export type Progress = 'up' | 'excused' | { readonly wants: string; readonly since?: string | undefined };

/** Pods on living nodes that ought to be up, and are not. */
export function* lackingPods(state: ClusterState, met: () => void): Generator<Lack> {
  for (const pod of state.pods) {
    const progress = progressOf(pod, state);
    if (progress === 'excused') continue;
    met();
    if (progress !== 'up') yield { object: pod, ...progress };
  }
}

/** Whether a pod is ready, and what it waits for if it should be. */
export function progressOf(pod: Stored<Pod>, state: ClusterState): Progress {
  if (!isPodActive(pod)) return 'excused';
  if (isPodReady(pod)) return 'up';
  const { nodeName } = pod.spec;
  // Why a pod has no node is the business of SCH-09.
  if (!nodeName || !state.isAlive(nodeName) || !isConditionTrue(state.node(nodeName)?.status?.conditions, 'Ready')) return 'excused';
  if ((pod.spec.readinessGates ?? []).length > 0 || isCrowded(nodeName, state)) return 'excused';
  const bound = findCondition(pod.status?.conditions, 'PodScheduled')?.lastTransitionTime ?? pod.metadata.creationTimestamp;
  if (!state.isPast(bound, START) || waitsForOthers(pod, state)) return 'excused';
  const ready = findCondition(pod.status?.conditions, 'Ready');
  const since = ready?.lastTransitionTime ?? bound;
  const inits = new Map((pod.status?.initContainerStatuses ?? []).map((status) => [status.name, status]));
  for (const init of pod.spec.initContainers ?? []) {
    const progress =
      // A side-car holds up what comes after it until it has started.
      isSidecar(init) ? running(init, inits.get(init.name), pod, state) : initOf(init, inits.get(init.name), pod, state);
    if (progress !== 'up') return progress === 'excused' ? progress : { wants: progress.wants, since };
  }
  const statuses = new Map((pod.status?.containerStatuses ?? []).map((status) => [status.name, status]));
  for (const container of pod.spec.containers) {
    const progress = running(container, statuses.get(container.name), pod, state);
    if (progress !== 'up') return progress === 'excused' ? progress : { wants: progress.wants, since };
  }
  return { wants: `runs on ${nodeName} with all its containers ready, and is not Ready`, since };
}

/** The node has more pods than addresses: its network, its broadcast address and its gateway take one each. */
function isCrowded(nodeName: string, state: ClusterState): boolean {
  const prefix = Number(state.node(nodeName)?.spec?.podCIDR?.split('/')[1]);
  if (!(prefix >= 24 && prefix <= 32)) return false;
  const pods = state.pods.filter((pod) => pod.spec.nodeName === nodeName && !pod.spec.hostNetwork && !isTerminal(pod));
  return pods.length > 2 ** (32 - prefix) - 3;
}

function initOf(container: Container, status: ContainerStatus | undefined, pod: Stored<Pod>, state: ClusterState): Progress {
  const { terminated } = status?.state ?? {};
  if (terminated?.exitCode === 0) return 'up';
  // It is at its work, however long that takes.
  if (status?.state?.running) return 'excused';
  return stopped(container, status, pod, state);
}

function running(container: Container, status: ContainerStatus | undefined, pod: Stored<Pod>, state: ClusterState): Progress {
  const since = status?.state?.running?.startedAt;
  if (!status?.state?.running) return stopped(container, status, pod, state);
  if (status.ready) return 'up';
  // What a probe says is the program's own.
  if (container.readinessProbe || container.startupProbe || !state.isPast(since)) return 'excused';
  return { wants: `waits for container ${container.name}, which runs and is not ready` };
}

function stopped(container: Container, status: ContainerStatus | undefined, pod: Stored<Pod>, state: ClusterState): Progress {
  const { waiting, terminated } = status?.state ?? {};
  if (terminated) {
    const isDue = containerShouldRestart(container, pod.spec.restartPolicy, terminated.exitCode);
    if (!isDue || !state.isPast(terminated.finishedAt, BACK_OFF)) return 'excused';
    return { wants: `waits for container ${container.name}, which ended and is not started again` };
  }
  const reason = waiting?.reason ?? '';
  const ended = status?.lastState?.terminated?.finishedAt;
  if (isStranded(pod, status)) return 'excused';
  // It has ended again a moment ago.
  if (OWN_DOING.has(reason) || (ended !== undefined && !state.isPast(ended, START))) return 'excused';
  const message = waiting?.message === undefined ? '' : `: ${waiting.message}`;
  return { wants: `waits for container ${container.name} on ${pod.spec.nodeName ?? ''}${reason === '' ? '' : ` (${reason}${message})`}` };
}

/**
 * Its sandbox was lost when the container had been made and not started, and it is one that is never run again: upstream makes no other
 * sandbox for it then, and does not call it failed. Source: `kuberuntime_manager.go` computePodActions, "Should not restart the pod".
 */
function isStranded({ spec, status }: Stored<Pod>, { containerID }: Partial<ContainerStatus> = {}): boolean {
  if (spec.restartPolicy !== 'Never' || !containerID) return false;
  return findCondition(status?.conditions, 'PodReadyToStartContainers')?.status === 'False';
}

/** It names what is not there, or a volume that is busy elsewhere. */
function waitsForOthers(pod: Stored<Pod>, state: ClusterState): boolean {
  return (pod.spec.volumes ?? []).some((volume) => isMissing(volume, pod, state) || isBusy(volume, pod, state));
}

function isMissing({ configMap, secret, projected }: Volume, { metadata: { namespace } }: Stored<Pod>, state: ClusterState): boolean {
  const { server } = state.world;
  const lacks = (resource: string, name: string | undefined, optional: boolean | undefined): boolean =>
    name !== undefined && optional !== true && server.peek(resource, namespace, name) === undefined;
  return (
    lacks('configmaps', configMap?.name, configMap?.optional) ||
    lacks('secrets', secret?.secretName, secret?.optional) ||
    (projected?.sources ?? []).some(
      (source) =>
        lacks('configmaps', source.configMap?.name, source.configMap?.optional) ||
        lacks('secrets', source.secret?.name, source.secret?.optional),
    )
  );
}

function isBusy({ name, persistentVolumeClaim, ephemeral }: Volume, pod: Stored<Pod>, state: ClusterState): boolean {
  const claimName = persistentVolumeClaim?.claimName ?? (ephemeral ? `${pod.metadata.name}-${name}` : undefined);
  if (claimName === undefined) return false;
  const { server } = state.world;
  const claim = server.peek('persistentvolumeclaims', pod.metadata.namespace, claimName) as Stored<PersistentVolumeClaim> | undefined;
  if (!claim || claim.metadata.deletionTimestamp !== undefined || claim.status?.phase !== 'Bound') return true;
  const volume = claim.spec.volumeName ?? '';
  if (server.peek('persistentvolumes', undefined, volume) === undefined) return true;
  if ((claim.spec.accessModes ?? []).some((mode) => mode === 'ReadWriteMany' || mode === 'ReadOnlyMany')) return false;
  const elsewhere = state
    .podsIn(pod.metadata.namespace)
    .some(
      (other) =>
        other !== pod &&
        other.spec.nodeName !== undefined &&
        (other.spec.nodeName !== pod.spec.nodeName || (claim.spec.accessModes ?? []).includes('ReadWriteOncePod')) &&
        !isTerminal(other) &&
        (other.spec.volumes ?? []).some((each) => each.persistentVolumeClaim?.claimName === claimName),
    );
  return (
    elsewhere ||
    state
      .all<VolumeAttachment>('volumeattachments')
      .some(
        ({ spec }) => spec.source.persistentVolumeName === volume && spec.nodeName !== pod.spec.nodeName && !state.isAlive(spec.nodeName),
      )
  );
}
