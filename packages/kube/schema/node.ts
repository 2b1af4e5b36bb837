// Schemas of `types/node.ts`.

import type * as t from '../types/index.ts';
import { flag, int, json, list, object, once, oneOf, opt, orZero, resources, text, time } from './build.ts';
import { taint } from './affinity.ts';
import { objectMeta } from './meta.ts';
import { conditionStatus } from './vocabulary.ts';

export const nodeAddress = once(() =>
  object<t.NodeAddress>({
    type: text,
    address: text,
  }),
);

export const nodeCondition = once(() =>
  object<t.NodeCondition>({
    type: text,
    status: conditionStatus,
    lastHeartbeatTime: opt(time),
    lastTransitionTime: opt(time),
    reason: opt(text),
    message: opt(text),
  }),
);

export const containerImage = once(() =>
  object<t.ContainerImage>({
    names: opt(list(text)),
    sizeBytes: opt(int),
  }),
);

export const nodeSwapStatus = once(() =>
  object<t.NodeSwapStatus>({
    capacity: opt(int),
  }),
);

export const nodeSystemInfo = once(() =>
  object<t.NodeSystemInfo>({
    machineID: orZero(text, ''),
    systemUUID: orZero(text, ''),
    bootID: orZero(text, ''),
    kernelVersion: orZero(text, ''),
    osImage: orZero(text, ''),
    containerRuntimeVersion: orZero(text, ''),
    kubeletVersion: orZero(text, ''),
    kubeProxyVersion: orZero(text, ''),
    operatingSystem: orZero(text, ''),
    architecture: orZero(text, ''),
    swap: opt(nodeSwapStatus()),
  }),
);

export const daemonEndpoint = once(() =>
  object<t.DaemonEndpoint>({
    Port: int,
  }),
);

export const nodeDaemonEndpoints = once(() =>
  object<t.NodeDaemonEndpoints>({
    kubeletEndpoint: opt(daemonEndpoint()),
  }),
);

export const attachedVolume = once(() =>
  object<t.AttachedVolume>({
    name: text,
    devicePath: text,
  }),
);

export const nodeRuntimeHandlerFeatures = once(() =>
  object<t.NodeRuntimeHandlerFeatures>({
    recursiveReadOnlyMounts: opt(flag),
    userNamespaces: opt(flag),
  }),
);

export const nodeRuntimeHandler = once(() =>
  object<t.NodeRuntimeHandler>({
    name: opt(text),
    features: opt(nodeRuntimeHandlerFeatures()),
  }),
);

export const nodeFeatures = once(() =>
  object<t.NodeFeatures>({
    supplementalGroupsPolicy: opt(flag),
  }),
);

export const nodeSpec = once(() =>
  object<t.NodeSpec>({
    podCIDR: opt(text),
    podCIDRs: opt(list(text)),
    providerID: opt(text),
    unschedulable: opt(flag),
    taints: opt(list(taint())),
    configSource: opt(json),
    externalID: opt(text),
  }),
);

export const nodeStatus = once(() =>
  object<t.NodeStatus>({
    capacity: opt(resources),
    allocatable: opt(resources),
    phase: opt(text),
    conditions: opt(list(nodeCondition())),
    addresses: opt(list(nodeAddress())),
    daemonEndpoints: opt(nodeDaemonEndpoints()),
    nodeInfo: opt(nodeSystemInfo()),
    images: opt(list(containerImage())),
    volumesInUse: opt(list(text)),
    volumesAttached: opt(list(attachedVolume())),
    config: opt(json),
    runtimeHandlers: opt(list(nodeRuntimeHandler())),
    features: opt(nodeFeatures()),
    declaredFeatures: opt(list(text)),
  }),
);

export const node = once(() =>
  object<t.Node>({
    apiVersion: oneOf('v1'),
    kind: oneOf('Node'),
    metadata: orZero(objectMeta(), {}),
    spec: orZero(nodeSpec(), {}),
    status: opt(nodeStatus()),
  }),
);
