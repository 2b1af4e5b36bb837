import type { Container, ContainerState, ContainerStatus, PodSandboxStatus } from '@slipway/cri';
import type { FileSystem } from '@slipway/host';
import type { ObservedContainer, ObservedPod, ObservedSandbox, ObservedState } from '../decisions/observed-pod.ts';
import { maximumTerminationMessageBytes } from '../options.ts';
import { containerAnnotations } from '../runtime/container-config.ts';
import { podLabels } from '../runtime/pod-sandbox-config.ts';

const states: Readonly<Record<ContainerState, ObservedState>> = {
  CONTAINER_CREATED: 'created',
  CONTAINER_RUNNING: 'running',
  CONTAINER_EXITED: 'exited',
  CONTAINER_UNKNOWN: 'unknown',
};

/** The runtime's nanoseconds as microseconds. */
export const microsOf = (nanos: bigint): number => Number(nanos / 1000n);

/** What the kubelet keeps of a container's status. Source: `kuberuntime_container.go` toKubeContainerStatus. */
export function observedContainer(status: ContainerStatus, sandboxId: string, files: FileSystem): ObservedContainer {
  const state = states[status.state];
  const exited = state === 'exited';
  return {
    id: status.id,
    name: status.labels[podLabels.container] ?? status.metadata.name,
    sandboxId,
    state,
    image: status.image.userSpecifiedImage || status.image.image,
    imageRef: status.imageRef,
    hash: status.annotations[containerAnnotations.hash] ?? '',
    restartCount: Number(status.annotations[containerAnnotations.restartCount] ?? 0),
    createdAt: microsOf(status.createdAt),
    startedAt: state === 'created' ? 0 : microsOf(status.startedAt),
    finishedAt: exited ? microsOf(status.finishedAt) : 0,
    exitCode: exited ? status.exitCode : 0,
    reason: exited ? (status.reason ?? '') : '',
    message: exited ? terminationMessage(status, files) : '',
    ...(status.user ? { user: status.user } : {}),
    ...(status.stopSignal && status.stopSignal !== 'RUNTIME_DEFAULT' ? { stopSignal: status.stopSignal } : {}),
  };
}

/** What the container wrote for its end, else (if it asks so) the end of its log, else what the runtime says. */
function terminationMessage(status: ContainerStatus, files: FileSystem): string {
  const said = status.message ?? '';
  const path = status.annotations[containerAnnotations.terminationMessagePath];
  const mount = path ? status.mounts.find(({ containerPath }) => containerPath === path) : undefined;
  const written =
    mount?.hostPath && files.exists(mount.hostPath) ? files.readText(mount.hostPath).slice(0, maximumTerminationMessageBytes) : '';
  if (written !== '') return said === '' ? written : `${said}: ${written}`;
  const fallBack = status.annotations[containerAnnotations.terminationMessagePolicy] === 'FallbackToLogsOnError';
  if (!fallBack || status.exitCode === 0 || !status.logPath || !files.exists(status.logPath)) return said;
  return endOfLog(files.readText(status.logPath));
}

/** The last 80 lines and at most 2048 characters, without time, stream and tag of each line. */
function endOfLog(log: string): string {
  const lines = log.split('\n').filter((line) => line !== '');
  const text = lines.slice(-80).map((line) => line.split(' ').slice(3).join(' '));
  return text.join('\n').slice(-2048);
}

/** What the kubelet keeps of a sandbox's status. */
export function observedSandbox(status: PodSandboxStatus): ObservedSandbox {
  const { network } = status;
  const more = network?.additionalIps?.map(({ ip }) => ip) ?? [];
  return {
    id: status.id,
    attempt: status.metadata.attempt ?? 0,
    ready: status.state === 'SANDBOX_READY',
    createdAt: microsOf(status.createdAt),
    hostNetwork: status.linux?.namespaces?.options?.network === 'NODE',
    ips: network === undefined ? undefined : network.ip === '' ? [] : [network.ip, ...more],
  };
}

interface Created {
  readonly createdAt: number;
  readonly id: string;
}

/** Newest first; of two made at one instant the later attempt, told by what the caller gives. */
function newestFirst<T extends Created>(list: readonly T[], attempt: (item: T) => number): T[] {
  return [...list].sort((a, b) => b.createdAt - a.createdAt || attempt(b) - attempt(a) || (a.id < b.id ? -1 : 1));
}

/**
 * Puts a pod together from the statuses of its parts.
 *
 * @param before what was observed last: its addresses hold on while no sandbox is ready
 */
export function observedPod(
  uid: string,
  sandboxes: readonly PodSandboxStatus[],
  containers: readonly ObservedContainer[],
  before: ObservedPod | undefined,
): ObservedPod {
  const inOrder = newestFirst(sandboxes.map(observedSandbox), ({ attempt }) => attempt);
  const newest = inOrder[0];
  const metadata = sandboxes[0]?.metadata;
  const ips = newest?.ready ? (newest.ips ?? []) : [];
  const kept = ips.length === 0 && !inOrder.some(({ ready }) => ready) ? (before?.ips ?? []) : ips;
  return {
    uid,
    name: metadata?.name ?? before?.name ?? '',
    namespace: metadata?.namespace ?? before?.namespace ?? '',
    ips: kept,
    sandboxes: inOrder,
    containers: newestFirst(containers, ({ restartCount }) => restartCount),
  };
}

/** Which pod an object of the runtime belongs to; undefined for what the kubelet did not make. */
export function podUidOf({ labels }: Pick<Container, 'labels'>): string | undefined {
  return labels[podLabels.uid];
}
