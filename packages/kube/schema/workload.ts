// Schemas of `types/workload.ts`.

import type * as t from '../types/index.ts';
import { flag, int, intOrString, json, list, object, once, oneOf, opt, orZero, text, textMap, time } from './build.ts';
import { labelSelector, objectMeta } from './meta.ts';
import { podTemplateSpec } from './pod-spec.ts';
import { claimTemplate } from './storage.ts';
import { conditionStatus } from './vocabulary.ts';

export const rollingUpdateDeployment = once(() =>
  object<t.RollingUpdateDeployment>({
    maxUnavailable: opt(intOrString),
    maxSurge: opt(intOrString),
  }),
);

export const deploymentStrategy = once(() =>
  object<t.DeploymentStrategy>({
    type: opt(oneOf('Recreate', 'RollingUpdate')),
    rollingUpdate: opt(rollingUpdateDeployment()),
  }),
);

export const deploymentSpec = once(() =>
  object<t.DeploymentSpec>({
    replicas: opt(int),
    selector: orZero(labelSelector(), {}),
    template: orZero(podTemplateSpec(), {}),
    strategy: opt(deploymentStrategy()),
    minReadySeconds: opt(int),
    revisionHistoryLimit: opt(int),
    paused: opt(flag),
    progressDeadlineSeconds: opt(int),
  }),
);

export const deploymentCondition = once(() =>
  object<t.DeploymentCondition>({
    type: text,
    status: conditionStatus,
    lastUpdateTime: opt(time),
    lastTransitionTime: opt(time),
    reason: opt(text),
    message: opt(text),
  }),
);

export const deploymentStatus = once(() =>
  object<t.DeploymentStatus>({
    observedGeneration: opt(int),
    replicas: opt(int),
    updatedReplicas: opt(int),
    readyReplicas: opt(int),
    availableReplicas: opt(int),
    unavailableReplicas: opt(int),
    terminatingReplicas: opt(int),
    conditions: opt(list(deploymentCondition())),
    collisionCount: opt(int),
  }),
);

export const deployment = once(() =>
  object<t.Deployment>({
    apiVersion: oneOf('apps/v1'),
    kind: oneOf('Deployment'),
    metadata: orZero(objectMeta(), {}),
    spec: orZero(deploymentSpec(), {}),
    status: opt(deploymentStatus()),
  }),
);

export const replicaSetSpec = once(() =>
  object<t.ReplicaSetSpec>({
    replicas: opt(int),
    minReadySeconds: opt(int),
    selector: orZero(labelSelector(), {}),
    template: opt(podTemplateSpec()),
  }),
);

export const replicaSetCondition = once(() =>
  object<t.ReplicaSetCondition>({
    type: text,
    status: conditionStatus,
    lastTransitionTime: opt(time),
    reason: opt(text),
    message: opt(text),
  }),
);

export const replicaSetStatus = once(() =>
  object<t.ReplicaSetStatus>({
    replicas: orZero(int, 0),
    fullyLabeledReplicas: opt(int),
    readyReplicas: opt(int),
    availableReplicas: opt(int),
    terminatingReplicas: opt(int),
    observedGeneration: opt(int),
    conditions: opt(list(replicaSetCondition())),
  }),
);

export const replicaSet = once(() =>
  object<t.ReplicaSet>({
    apiVersion: oneOf('apps/v1'),
    kind: oneOf('ReplicaSet'),
    metadata: orZero(objectMeta(), {}),
    spec: orZero(replicaSetSpec(), {}),
    status: opt(replicaSetStatus()),
  }),
);

export const rollingUpdateDaemonSet = once(() =>
  object<t.RollingUpdateDaemonSet>({
    maxUnavailable: opt(intOrString),
    maxSurge: opt(intOrString),
  }),
);

export const daemonSetUpdateStrategy = once(() =>
  object<t.DaemonSetUpdateStrategy>({
    type: opt(oneOf('RollingUpdate', 'OnDelete')),
    rollingUpdate: opt(rollingUpdateDaemonSet()),
  }),
);

export const daemonSetSpec = once(() =>
  object<t.DaemonSetSpec>({
    selector: orZero(labelSelector(), {}),
    template: orZero(podTemplateSpec(), {}),
    updateStrategy: opt(daemonSetUpdateStrategy()),
    minReadySeconds: opt(int),
    revisionHistoryLimit: opt(int),
  }),
);

export const daemonSetCondition = once(() =>
  object<t.DaemonSetCondition>({
    type: text,
    status: conditionStatus,
    lastTransitionTime: opt(time),
    reason: opt(text),
    message: opt(text),
  }),
);

export const daemonSetStatus = once(() =>
  object<t.DaemonSetStatus>({
    currentNumberScheduled: orZero(int, 0),
    numberMisscheduled: orZero(int, 0),
    desiredNumberScheduled: orZero(int, 0),
    numberReady: orZero(int, 0),
    observedGeneration: opt(int),
    updatedNumberScheduled: opt(int),
    numberAvailable: opt(int),
    numberUnavailable: opt(int),
    collisionCount: opt(int),
    conditions: opt(list(daemonSetCondition())),
  }),
);

export const daemonSet = once(() =>
  object<t.DaemonSet>({
    apiVersion: oneOf('apps/v1'),
    kind: oneOf('DaemonSet'),
    metadata: orZero(objectMeta(), {}),
    spec: orZero(daemonSetSpec(), {}),
    status: opt(daemonSetStatus()),
  }),
);

export const rollingUpdateStatefulSetStrategy = once(() =>
  object<t.RollingUpdateStatefulSetStrategy>({
    partition: opt(int),
    maxUnavailable: opt(intOrString),
  }),
);

export const statefulSetUpdateStrategy = once(() =>
  object<t.StatefulSetUpdateStrategy>({
    type: opt(oneOf('RollingUpdate', 'OnDelete')),
    rollingUpdate: opt(rollingUpdateStatefulSetStrategy()),
  }),
);

export const statefulSetPersistentVolumeClaimRetentionPolicy = once(() =>
  object<t.StatefulSetPersistentVolumeClaimRetentionPolicy>({
    whenDeleted: opt(oneOf('Retain', 'Delete')),
    whenScaled: opt(oneOf('Retain', 'Delete')),
  }),
);

export const statefulSetOrdinals = once(() =>
  object<t.StatefulSetOrdinals>({
    start: opt(int),
  }),
);

export const statefulSetSpec = once(() =>
  object<t.StatefulSetSpec>({
    replicas: opt(int),
    selector: orZero(labelSelector(), {}),
    template: orZero(podTemplateSpec(), {}),
    volumeClaimTemplates: opt(list(claimTemplate())),
    serviceName: opt(text),
    podManagementPolicy: opt(oneOf('OrderedReady', 'Parallel')),
    updateStrategy: opt(statefulSetUpdateStrategy()),
    revisionHistoryLimit: opt(int),
    minReadySeconds: opt(int),
    persistentVolumeClaimRetentionPolicy: opt(statefulSetPersistentVolumeClaimRetentionPolicy()),
    ordinals: opt(statefulSetOrdinals()),
  }),
);

export const statefulSetCondition = once(() =>
  object<t.StatefulSetCondition>({
    type: text,
    status: conditionStatus,
    lastTransitionTime: opt(time),
    reason: opt(text),
    message: opt(text),
  }),
);

export const statefulSetStatus = once(() =>
  object<t.StatefulSetStatus>({
    observedGeneration: opt(int),
    replicas: orZero(int, 0),
    readyReplicas: opt(int),
    currentReplicas: opt(int),
    updatedReplicas: opt(int),
    currentRevision: opt(text),
    updateRevision: opt(text),
    collisionCount: opt(int),
    conditions: opt(list(statefulSetCondition())),
    availableReplicas: opt(int),
  }),
);

export const statefulSet = once(() =>
  object<t.StatefulSet>({
    apiVersion: oneOf('apps/v1'),
    kind: oneOf('StatefulSet'),
    metadata: orZero(objectMeta(), {}),
    spec: orZero(statefulSetSpec(), {}),
    status: opt(statefulSetStatus()),
  }),
);

export const controllerRevision = once(() =>
  object<t.ControllerRevision>({
    apiVersion: oneOf('apps/v1'),
    kind: oneOf('ControllerRevision'),
    metadata: orZero(objectMeta(), {}),
    data: opt(json),
    revision: int,
  }),
);

export const replicationControllerSpec = once(() =>
  object<t.ReplicationControllerSpec>({
    replicas: opt(int),
    minReadySeconds: opt(int),
    selector: opt(textMap),
    template: opt(podTemplateSpec()),
  }),
);

export const replicationController = once(() =>
  object<t.ReplicationController>({
    apiVersion: oneOf('v1'),
    kind: oneOf('ReplicationController'),
    metadata: orZero(objectMeta(), {}),
    spec: opt(replicationControllerSpec()),
    status: opt(json),
  }),
);
