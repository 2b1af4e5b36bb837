// Schemas of `types/pod.ts`.

import type * as t from '../types/index.ts';
import { flag, int, json, list, object, once, oneOf, opt, orZero, resources, text, time } from './build.ts';
import { resourceRequirements } from './container.ts';
import { deleteOptions, objectMeta } from './meta.ts';
import { podSpec, podTemplateSpec } from './pod-spec.ts';
import { objectReference } from './reference.ts';
import { conditionStatus, podPhase, podQOSClass } from './vocabulary.ts';

export const containerStateWaiting = once(() =>
  object<t.ContainerStateWaiting>({
    reason: opt(text),
    message: opt(text),
  }),
);

export const containerStateRunning = once(() =>
  object<t.ContainerStateRunning>({
    startedAt: opt(time),
  }),
);

export const containerStateTerminated = once(() =>
  object<t.ContainerStateTerminated>({
    exitCode: int,
    signal: opt(int),
    reason: opt(text),
    message: opt(text),
    startedAt: opt(time),
    finishedAt: opt(time),
    containerID: opt(text),
  }),
);

export const containerState = once(() =>
  object<t.ContainerState>({
    waiting: opt(containerStateWaiting()),
    running: opt(containerStateRunning()),
    terminated: opt(containerStateTerminated()),
  }),
);

export const volumeMountStatus = once(() =>
  object<t.VolumeMountStatus>({
    name: text,
    mountPath: text,
    readOnly: opt(flag),
    recursiveReadOnly: opt(text),
  }),
);

export const linuxContainerUser = once(() =>
  object<t.LinuxContainerUser>({
    uid: int,
    gid: int,
    supplementalGroups: opt(list(int)),
  }),
);

export const containerUser = once(() =>
  object<t.ContainerUser>({
    linux: opt(linuxContainerUser()),
  }),
);

export const containerStatus = once(() =>
  object<t.ContainerStatus>({
    name: orZero(text, ''),
    state: opt(containerState()),
    lastState: opt(containerState()),
    ready: orZero(flag, false),
    restartCount: orZero(int, 0),
    image: orZero(text, ''),
    imageID: orZero(text, ''),
    containerID: opt(text),
    started: opt(flag),
    allocatedResources: opt(resources),
    allocatedResourcesStatus: opt(list(json)),
    resources: opt(resourceRequirements()),
    volumeMounts: opt(list(volumeMountStatus())),
    user: opt(containerUser()),
    stopSignal: opt(text),
  }),
);

export const podCondition = once(() =>
  object<t.PodCondition>({
    type: text,
    status: conditionStatus,
    observedGeneration: opt(int),
    lastProbeTime: opt(time),
    lastTransitionTime: opt(time),
    reason: opt(text),
    message: opt(text),
  }),
);

export const podIP = once(() =>
  object<t.PodIP>({
    ip: text,
  }),
);

export const hostIP = once(() =>
  object<t.HostIP>({
    ip: text,
  }),
);

export const podResourceClaimStatus = once(() =>
  object<t.PodResourceClaimStatus>({
    name: text,
    resourceClaimName: opt(text),
  }),
);

export const podStatus = once(() =>
  object<t.PodStatus>({
    observedGeneration: opt(int),
    phase: opt(podPhase),
    conditions: opt(list(podCondition())),
    message: opt(text),
    reason: opt(text),
    nominatedNodeName: opt(text),
    hostIP: opt(text),
    hostIPs: opt(list(hostIP())),
    podIP: opt(text),
    podIPs: opt(list(podIP())),
    startTime: opt(time),
    initContainerStatuses: opt(list(containerStatus())),
    containerStatuses: opt(list(containerStatus())),
    ephemeralContainerStatuses: opt(list(containerStatus())),
    qosClass: opt(podQOSClass),
    resize: opt(text),
    resourceClaimStatuses: opt(list(podResourceClaimStatus())),
    extendedResourceClaimStatus: opt(json),
    allocatedResources: opt(resources),
    resources: opt(resourceRequirements()),
  }),
);

export const pod = once(() =>
  object<t.Pod>({
    apiVersion: oneOf('v1'),
    kind: oneOf('Pod'),
    metadata: orZero(objectMeta(), {}),
    spec: orZero(podSpec(), {}),
    status: opt(podStatus()),
  }),
);

export const podTemplate = once(() =>
  object<t.PodTemplate>({
    apiVersion: oneOf('v1'),
    kind: oneOf('PodTemplate'),
    metadata: orZero(objectMeta(), {}),
    template: opt(podTemplateSpec()),
  }),
);

export const binding = once(() =>
  object<t.Binding>({
    apiVersion: oneOf('v1'),
    kind: oneOf('Binding'),
    metadata: orZero(objectMeta(), {}),
    target: objectReference(),
  }),
);

export const eviction = once(() =>
  object<t.Eviction>({
    apiVersion: oneOf('policy/v1'),
    kind: oneOf('Eviction'),
    metadata: orZero(objectMeta(), {}),
    deleteOptions: opt(deleteOptions()),
  }),
);
