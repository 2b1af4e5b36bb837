// Schemas of `types/storage.ts`.

import type * as t from '../types/index.ts';
import { flag, int, list, object, once, oneOf, opt, orZero, quantity, resources, text, textMap, time, unsimulated } from './build.ts';
import { nodeSelector } from './affinity.ts';
import { labelSelector, objectMeta } from './meta.ts';
import { objectReference, secretReference, typedLocalObjectReference, typedObjectReference } from './reference.ts';
import { hostPathVolumeSource } from './volume.ts';
import { accessMode, conditionStatus } from './vocabulary.ts';

export const csiPersistentVolumeSource = once(() =>
  object<t.CSIPersistentVolumeSource>({
    driver: text,
    volumeHandle: text,
    readOnly: opt(flag),
    fsType: opt(text),
    volumeAttributes: opt(textMap),
    controllerPublishSecretRef: opt(secretReference()),
    nodeStageSecretRef: opt(secretReference()),
    nodePublishSecretRef: opt(secretReference()),
    controllerExpandSecretRef: opt(secretReference()),
    nodeExpandSecretRef: opt(secretReference()),
  }),
);

export const localVolumeSource = once(() =>
  object<t.LocalVolumeSource>({
    path: text,
    fsType: opt(text),
  }),
);

export const volumeNodeAffinity = once(() =>
  object<t.VolumeNodeAffinity>({
    required: opt(nodeSelector()),
  }),
);

export const persistentVolumeSpec = once(() =>
  object<t.PersistentVolumeSpec>({
    capacity: opt(resources),
    accessModes: opt(list(accessMode)),
    claimRef: opt(objectReference()),
    persistentVolumeReclaimPolicy: opt(oneOf('Retain', 'Delete', 'Recycle')),
    storageClassName: opt(text),
    mountOptions: opt(list(text)),
    volumeMode: opt(oneOf('Block', 'Filesystem')),
    nodeAffinity: opt(volumeNodeAffinity()),
    volumeAttributesClassName: opt(text),
    csi: opt(csiPersistentVolumeSource()),
    hostPath: opt(hostPathVolumeSource()),
    local: opt(localVolumeSource()),
    nfs: opt(unsimulated),
    iscsi: opt(unsimulated),
    fc: opt(unsimulated),
    awsElasticBlockStore: opt(unsimulated),
    azureDisk: opt(unsimulated),
    azureFile: opt(unsimulated),
    cephfs: opt(unsimulated),
    cinder: opt(unsimulated),
    flexVolume: opt(unsimulated),
    flocker: opt(unsimulated),
    gcePersistentDisk: opt(unsimulated),
    glusterfs: opt(unsimulated),
    photonPersistentDisk: opt(unsimulated),
    portworxVolume: opt(unsimulated),
    quobyte: opt(unsimulated),
    rbd: opt(unsimulated),
    scaleIO: opt(unsimulated),
    storageos: opt(unsimulated),
    vsphereVolume: opt(unsimulated),
  }),
);

export const persistentVolumeStatus = once(() =>
  object<t.PersistentVolumeStatus>({
    phase: opt(oneOf('Pending', 'Available', 'Bound', 'Released', 'Failed')),
    message: opt(text),
    reason: opt(text),
    lastPhaseTransitionTime: opt(time),
  }),
);

export const persistentVolume = once(() =>
  object<t.PersistentVolume>({
    apiVersion: oneOf('v1'),
    kind: oneOf('PersistentVolume'),
    metadata: orZero(objectMeta(), {}),
    spec: orZero(persistentVolumeSpec(), {}),
    status: opt(persistentVolumeStatus()),
  }),
);

export const volumeResourceRequirements = once(() =>
  object<t.VolumeResourceRequirements>({
    requests: opt(resources),
    limits: opt(resources),
  }),
);

export const persistentVolumeClaimSpec = once(() =>
  object<t.PersistentVolumeClaimSpec>({
    accessModes: opt(list(accessMode)),
    selector: opt(labelSelector()),
    resources: opt(volumeResourceRequirements()),
    volumeName: opt(text),
    storageClassName: opt(text),
    volumeMode: opt(oneOf('Block', 'Filesystem')),
    dataSource: opt(typedLocalObjectReference()),
    dataSourceRef: opt(typedObjectReference()),
    volumeAttributesClassName: opt(text),
  }),
);

export const persistentVolumeClaimCondition = once(() =>
  object<t.PersistentVolumeClaimCondition>({
    type: text,
    status: conditionStatus,
    lastProbeTime: opt(time),
    lastTransitionTime: opt(time),
    reason: opt(text),
    message: opt(text),
  }),
);

export const modifyVolumeStatus = once(() =>
  object<t.ModifyVolumeStatus>({
    targetVolumeAttributesClassName: opt(text),
    status: text,
  }),
);

export const persistentVolumeClaimStatus = once(() =>
  object<t.PersistentVolumeClaimStatus>({
    phase: opt(oneOf('Pending', 'Bound', 'Lost')),
    accessModes: opt(list(accessMode)),
    capacity: opt(resources),
    conditions: opt(list(persistentVolumeClaimCondition())),
    allocatedResources: opt(resources),
    allocatedResourceStatuses: opt(textMap),
    currentVolumeAttributesClassName: opt(text),
    modifyVolumeStatus: opt(modifyVolumeStatus()),
  }),
);

export const persistentVolumeClaim = once(() =>
  object<t.PersistentVolumeClaim>({
    apiVersion: oneOf('v1'),
    kind: oneOf('PersistentVolumeClaim'),
    metadata: orZero(objectMeta(), {}),
    spec: orZero(persistentVolumeClaimSpec(), {}),
    status: opt(persistentVolumeClaimStatus()),
  }),
);

export const claimTemplate = once(() =>
  object<t.ClaimTemplate>({
    apiVersion: opt(text),
    kind: opt(text),
    metadata: orZero(objectMeta(), {}),
    spec: orZero(persistentVolumeClaimSpec(), {}),
    status: opt(persistentVolumeClaimStatus()),
  }),
);

export const topologySelectorLabelRequirement = once(() =>
  object<t.TopologySelectorLabelRequirement>({
    key: text,
    values: orZero(list(text), []),
  }),
);

export const topologySelectorTerm = once(() =>
  object<t.TopologySelectorTerm>({
    matchLabelExpressions: opt(list(topologySelectorLabelRequirement())),
  }),
);

export const storageClass = once(() =>
  object<t.StorageClass>({
    apiVersion: oneOf('storage.k8s.io/v1'),
    kind: oneOf('StorageClass'),
    metadata: orZero(objectMeta(), {}),
    provisioner: text,
    parameters: opt(textMap),
    reclaimPolicy: opt(oneOf('Delete', 'Retain', 'Recycle')),
    mountOptions: opt(list(text)),
    allowVolumeExpansion: opt(flag),
    volumeBindingMode: opt(oneOf('Immediate', 'WaitForFirstConsumer')),
    allowedTopologies: opt(list(topologySelectorTerm())),
  }),
);

export const volumeAttachmentSource = once(() =>
  object<t.VolumeAttachmentSource>({
    persistentVolumeName: opt(text),
    inlineVolumeSpec: opt(persistentVolumeSpec()),
  }),
);

export const volumeAttachmentSpec = once(() =>
  object<t.VolumeAttachmentSpec>({
    attacher: text,
    source: orZero(volumeAttachmentSource(), {}),
    nodeName: text,
  }),
);

export const volumeError = once(() =>
  object<t.VolumeError>({
    time: opt(time),
    message: opt(text),
    errorCode: opt(int),
  }),
);

export const volumeAttachmentStatus = once(() =>
  object<t.VolumeAttachmentStatus>({
    attached: flag,
    attachmentMetadata: opt(textMap),
    attachError: opt(volumeError()),
    detachError: opt(volumeError()),
  }),
);

export const volumeAttachment = once(() =>
  object<t.VolumeAttachment>({
    apiVersion: oneOf('storage.k8s.io/v1'),
    kind: oneOf('VolumeAttachment'),
    metadata: orZero(objectMeta(), {}),
    spec: orZero(volumeAttachmentSpec(), {}),
    status: opt(volumeAttachmentStatus()),
  }),
);

export const volumeNodeResources = once(() =>
  object<t.VolumeNodeResources>({
    count: opt(int),
  }),
);

export const csiNodeDriver = once(() =>
  object<t.CSINodeDriver>({
    name: text,
    nodeID: text,
    topologyKeys: opt(list(text)),
    allocatable: opt(volumeNodeResources()),
  }),
);

export const csiNodeSpec = once(() =>
  object<t.CSINodeSpec>({
    drivers: orZero(list(csiNodeDriver()), []),
  }),
);

export const csiNode = once(() =>
  object<t.CSINode>({
    apiVersion: oneOf('storage.k8s.io/v1'),
    kind: oneOf('CSINode'),
    metadata: orZero(objectMeta(), {}),
    spec: orZero(csiNodeSpec(), {}),
  }),
);

export const tokenRequest = once(() =>
  object<t.TokenRequest>({
    audience: orZero(text, ''),
    expirationSeconds: opt(int),
  }),
);

export const csiDriverSpec = once(() =>
  object<t.CSIDriverSpec>({
    attachRequired: opt(flag),
    podInfoOnMount: opt(flag),
    volumeLifecycleModes: opt(list(oneOf('Persistent', 'Ephemeral'))),
    storageCapacity: opt(flag),
    fsGroupPolicy: opt(oneOf('ReadWriteOnceWithFSType', 'File', 'None')),
    tokenRequests: opt(list(tokenRequest())),
    requiresRepublish: opt(flag),
    seLinuxMount: opt(flag),
    nodeAllocatableUpdatePeriodSeconds: opt(int),
    serviceAccountTokenInSecrets: opt(flag),
  }),
);

export const csiDriver = once(() =>
  object<t.CSIDriver>({
    apiVersion: oneOf('storage.k8s.io/v1'),
    kind: oneOf('CSIDriver'),
    metadata: orZero(objectMeta(), {}),
    spec: orZero(csiDriverSpec(), {}),
  }),
);

export const csiStorageCapacity = once(() =>
  object<t.CSIStorageCapacity>({
    apiVersion: oneOf('storage.k8s.io/v1'),
    kind: oneOf('CSIStorageCapacity'),
    metadata: orZero(objectMeta(), {}),
    nodeTopology: opt(labelSelector()),
    storageClassName: text,
    capacity: opt(quantity),
    maximumVolumeSize: opt(quantity),
  }),
);

export const volumeAttributesClass = once(() =>
  object<t.VolumeAttributesClass>({
    apiVersion: oneOf('storage.k8s.io/v1'),
    kind: oneOf('VolumeAttributesClass'),
    metadata: orZero(objectMeta(), {}),
    driverName: text,
    parameters: opt(textMap),
  }),
);
