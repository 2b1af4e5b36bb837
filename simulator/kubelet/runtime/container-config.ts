import type { ContainerConfig, Device, Mount, Signal } from '@slipway/cri';
import { encodeUtf8, ONE_SHOT_ANNOTATION } from '@slipway/host';
import { type Container, controllerOf, type Pod } from '@slipway/kube';
import { containerHash } from '../decisions/container-hash.ts';
import { findContainer } from '../decisions/containers.ts';
import { containerResources } from './container-resources.ts';
import type { Variable } from './environment.ts';
import { expand } from './expansion.ts';
import { containerLogPath } from './pod-paths.ts';
import { podLabels } from './pod-sandbox-config.ts';
import { containerSecurityContext, type ImageUser } from './security-context.ts';

/** Annotations in which the kubelet keeps what it must know again after a restart. Source: `pkg/kubelet/kuberuntime/labels.go`. */
export const containerAnnotations = {
  hash: 'io.kubernetes.container.hash',
  restartCount: 'io.kubernetes.container.restartCount',
  terminationMessagePath: 'io.kubernetes.container.terminationMessagePath',
  terminationMessagePolicy: 'io.kubernetes.container.terminationMessagePolicy',
  deletionGracePeriod: 'io.kubernetes.pod.deletionGracePeriod',
  terminationGracePeriod: 'io.kubernetes.pod.terminationGracePeriod',
  preStopHandler: 'io.kubernetes.container.preStopHandler',
  ports: 'io.kubernetes.container.ports',
  type: 'io.kubernetes.container.type',
} as const;

/** What a container's configuration is made of. */
export interface ContainerConfigInput {
  readonly pod: Pod;
  readonly container: Container;
  readonly restartCount: number;
  /** Id or digest of the image on the node. */
  readonly imageRef: string;
  readonly imageUser: ImageUser;
  readonly variables: readonly Variable[];
  readonly mounts: readonly Mount[];
  readonly devices: readonly Device[];
  readonly nodeMemoryBytes: number;
  /** For ephemeral containers: the container whose processes they see. */
  readonly targetId?: string | undefined;
}

/**
 * What a container is made from.
 *
 * @throws ConfigError when it may not run as the user that it would have. Source: `kuberuntime_container.go` generateContainerConfig
 */
export function containerConfig(input: ContainerConfigInput): ContainerConfig {
  const { pod, container, restartCount, imageRef, variables, mounts } = input;
  const values = new Map(variables.map(({ name, value }) => [name, value]));
  const expanded = (list: readonly string[]) => list.map((text) => expand(text, (name) => values.get(name)));
  const security = containerSecurityContext(pod, container, input.imageUser);
  const { name, namespace = 'default', uid = '' } = pod.metadata;
  const stopSignal = container.lifecycle?.stopSignal;
  return {
    metadata: { name: container.name, attempt: restartCount },
    image: { image: imageRef, userSpecifiedImage: container.image ?? '' },
    ...(container.command ? { command: expanded(container.command) } : {}),
    ...(container.args ? { args: expanded(container.args) } : {}),
    ...(container.workingDir ? { workingDir: container.workingDir } : {}),
    envs: variables.map((variable) => ({ key: variable.name, value: encodeUtf8(variable.value) })),
    mounts,
    ...(input.devices.length > 0 ? { devices: input.devices } : {}),
    labels: { [podLabels.name]: name, [podLabels.namespace]: namespace, [podLabels.uid]: uid, [podLabels.container]: container.name },
    annotations: annotations(pod, container, restartCount),
    logPath: containerLogPath(container.name, restartCount),
    ...(container.stdin ? { stdin: true } : {}),
    ...(container.stdinOnce ? { stdinOnce: true } : {}),
    ...(container.tty ? { tty: true } : {}),
    linux: {
      resources: containerResources(pod, container, input.nodeMemoryBytes),
      securityContext: input.targetId
        ? { ...security, namespaceOptions: { ...security.namespaceOptions, pid: 'TARGET', targetId: input.targetId } }
        : security,
    },
    ...(stopSignal ? { stopSignal: stopSignal as Signal } : {}),
  };
}

function annotations(pod: Pod, container: Container, restartCount: number): Record<string, string> {
  const keys = containerAnnotations;
  const { deletionGracePeriodSeconds } = pod.metadata;
  const { terminationGracePeriodSeconds } = pod.spec;
  const preStop = container.lifecycle?.preStop;
  return {
    [keys.hash]: containerHash(container),
    [keys.restartCount]: String(restartCount),
    [keys.terminationMessagePath]: container.terminationMessagePath ?? '/dev/termination-log',
    [keys.terminationMessagePolicy]: container.terminationMessagePolicy ?? 'File',
    ...(deletionGracePeriodSeconds === undefined ? {} : { [keys.deletionGracePeriod]: String(deletionGracePeriodSeconds) }),
    ...(terminationGracePeriodSeconds === undefined ? {} : { [keys.terminationGracePeriod]: String(terminationGracePeriodSeconds) }),
    ...(preStop ? { [keys.preStopHandler]: JSON.stringify(preStop) } : {}),
    ...(container.ports && container.ports.length > 0 ? { [keys.ports]: JSON.stringify(container.ports) } : {}),
    [keys.type]: findContainer(pod, container.name)?.kind ?? 'container',
    ...(endsByItself(pod, container) ? { [ONE_SHOT_ANNOTATION]: 'true' } : {}),
  };
}

/** Whether the pod waits for the container's end: what an unknown program does is taken to be over then. Not upstream's: for our programs. */
function endsByItself(pod: Pod, container: Container): boolean {
  const kind = findContainer(pod, container.name)?.kind;
  if (kind === 'init') return container.restartPolicy !== 'Always';
  return kind === 'container' && controllerOf(pod)?.kind === 'Job';
}
