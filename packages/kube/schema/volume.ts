// Schemas of `types/volume.ts`.

import type * as t from '../types/index.ts';
import { flag, int, list, object, once, oneOf, opt, orZero, quantity, text, textMap, unsimulated } from './build.ts';
import { objectFieldSelector, resourceFieldSelector } from './container.ts';
import { labelSelector, templateMeta } from './meta.ts';
import { localObjectReference } from './reference.ts';
import { persistentVolumeClaimSpec } from './storage.ts';
import { pullPolicy } from './vocabulary.ts';

export const keyToPath = once(() =>
  object<t.KeyToPath>({
    key: text,
    path: text,
    mode: opt(int),
  }),
);

export const emptyDirVolumeSource = once(() =>
  object<t.EmptyDirVolumeSource>({
    medium: opt(text),
    sizeLimit: opt(quantity),
  }),
);

export const hostPathVolumeSource = once(() =>
  object<t.HostPathVolumeSource>({
    path: text,
    type: opt(oneOf('', 'DirectoryOrCreate', 'Directory', 'FileOrCreate', 'File', 'Socket', 'CharDevice', 'BlockDevice')),
  }),
);

export const configMapVolumeSource = once(() =>
  object<t.ConfigMapVolumeSource>({
    name: orZero(text, ''),
    items: opt(list(keyToPath())),
    defaultMode: opt(int),
    optional: opt(flag),
  }),
);

export const secretVolumeSource = once(() =>
  object<t.SecretVolumeSource>({
    secretName: opt(text),
    items: opt(list(keyToPath())),
    defaultMode: opt(int),
    optional: opt(flag),
  }),
);

export const persistentVolumeClaimVolumeSource = once(() =>
  object<t.PersistentVolumeClaimVolumeSource>({
    claimName: text,
    readOnly: opt(flag),
  }),
);

export const downwardAPIVolumeFile = once(() =>
  object<t.DownwardAPIVolumeFile>({
    path: text,
    fieldRef: opt(objectFieldSelector()),
    resourceFieldRef: opt(resourceFieldSelector()),
    mode: opt(int),
  }),
);

export const downwardAPIVolumeSource = once(() =>
  object<t.DownwardAPIVolumeSource>({
    items: opt(list(downwardAPIVolumeFile())),
    defaultMode: opt(int),
  }),
);

export const secretProjection = once(() =>
  object<t.SecretProjection>({
    name: orZero(text, ''),
    items: opt(list(keyToPath())),
    optional: opt(flag),
  }),
);

export const configMapProjection = once(() =>
  object<t.ConfigMapProjection>({
    name: orZero(text, ''),
    items: opt(list(keyToPath())),
    optional: opt(flag),
  }),
);

export const downwardAPIProjection = once(() =>
  object<t.DownwardAPIProjection>({
    items: opt(list(downwardAPIVolumeFile())),
  }),
);

export const serviceAccountTokenProjection = once(() =>
  object<t.ServiceAccountTokenProjection>({
    audience: opt(text),
    expirationSeconds: opt(int),
    path: text,
  }),
);

export const clusterTrustBundleProjection = once(() =>
  object<t.ClusterTrustBundleProjection>({
    name: opt(text),
    signerName: opt(text),
    labelSelector: opt(labelSelector()),
    optional: opt(flag),
    path: text,
  }),
);

export const volumeProjection = once(() =>
  object<t.VolumeProjection>({
    secret: opt(secretProjection()),
    downwardAPI: opt(downwardAPIProjection()),
    configMap: opt(configMapProjection()),
    serviceAccountToken: opt(serviceAccountTokenProjection()),
    clusterTrustBundle: opt(clusterTrustBundleProjection()),
    podCertificate: opt(unsimulated),
  }),
);

export const projectedVolumeSource = once(() =>
  object<t.ProjectedVolumeSource>({
    sources: opt(list(volumeProjection())),
    defaultMode: opt(int),
  }),
);

export const csiVolumeSource = once(() =>
  object<t.CSIVolumeSource>({
    driver: text,
    readOnly: opt(flag),
    fsType: opt(text),
    volumeAttributes: opt(textMap),
    nodePublishSecretRef: opt(localObjectReference()),
  }),
);

export const persistentVolumeClaimTemplate = once(() =>
  object<t.PersistentVolumeClaimTemplate>({
    metadata: opt(templateMeta()),
    spec: persistentVolumeClaimSpec(),
  }),
);

export const ephemeralVolumeSource = once(() =>
  object<t.EphemeralVolumeSource>({
    volumeClaimTemplate: opt(persistentVolumeClaimTemplate()),
  }),
);

export const imageVolumeSource = once(() =>
  object<t.ImageVolumeSource>({
    reference: opt(text),
    pullPolicy: opt(pullPolicy),
  }),
);

export const volume = once(() =>
  object<t.Volume>({
    name: text,
    emptyDir: opt(emptyDirVolumeSource()),
    hostPath: opt(hostPathVolumeSource()),
    configMap: opt(configMapVolumeSource()),
    secret: opt(secretVolumeSource()),
    projected: opt(projectedVolumeSource()),
    downwardAPI: opt(downwardAPIVolumeSource()),
    persistentVolumeClaim: opt(persistentVolumeClaimVolumeSource()),
    csi: opt(csiVolumeSource()),
    ephemeral: opt(ephemeralVolumeSource()),
    image: opt(imageVolumeSource()),
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
    gitRepo: opt(unsimulated),
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
