// Volumes of a pod. Source: `core/v1`.

import type { ObjectFieldSelector, ResourceFieldSelector } from './container.ts';
import type { LabelSelector } from './meta.ts';
import type { TemplateMeta } from './object.ts';
import type { LocalObjectReference } from './reference.ts';
import type { PullPolicy, Quantity, UnsimulatedSource } from './scalars.ts';
import type { PersistentVolumeClaimSpec } from './storage.ts';

/** Maps a key to a file. */
export interface KeyToPath {
  readonly key: string;
  readonly path: string;
  readonly mode?: number;
}

/** An empty folder that lives as long as the pod. */
export interface EmptyDirVolumeSource {
  /** "" for disk, "Memory", or "HugePages…". */
  readonly medium?: string;
  readonly sizeLimit?: Quantity;
}

/** A path of the node. */
export interface HostPathVolumeSource {
  readonly path: string;
  readonly type?: '' | 'DirectoryOrCreate' | 'Directory' | 'FileOrCreate' | 'File' | 'Socket' | 'CharDevice' | 'BlockDevice';
}

/** Files from a ConfigMap. */
export interface ConfigMapVolumeSource {
  readonly name: string;
  readonly items?: readonly KeyToPath[];
  readonly defaultMode?: number;
  readonly optional?: boolean;
}

/** Files from a Secret. */
export interface SecretVolumeSource {
  readonly secretName?: string;
  readonly items?: readonly KeyToPath[];
  readonly defaultMode?: number;
  readonly optional?: boolean;
}

/** A claim in the pod's namespace. */
export interface PersistentVolumeClaimVolumeSource {
  readonly claimName: string;
  readonly readOnly?: boolean;
}

/** One file with facts about the pod. */
export interface DownwardAPIVolumeFile {
  readonly path: string;
  readonly fieldRef?: ObjectFieldSelector;
  readonly resourceFieldRef?: ResourceFieldSelector;
  readonly mode?: number;
}

/** Files with facts about the pod. */
export interface DownwardAPIVolumeSource {
  readonly items?: readonly DownwardAPIVolumeFile[];
  readonly defaultMode?: number;
}

/** A Secret inside a projected volume. */
export interface SecretProjection {
  readonly name: string;
  readonly items?: readonly KeyToPath[];
  readonly optional?: boolean;
}

/** A ConfigMap inside a projected volume. */
export interface ConfigMapProjection {
  readonly name: string;
  readonly items?: readonly KeyToPath[];
  readonly optional?: boolean;
}

/** Facts about the pod inside a projected volume. */
export interface DownwardAPIProjection {
  readonly items?: readonly DownwardAPIVolumeFile[];
}

/** A token of the pod's service account. */
export interface ServiceAccountTokenProjection {
  readonly audience?: string;
  readonly expirationSeconds?: number;
  readonly path: string;
}

/** Trust anchors as a file. */
export interface ClusterTrustBundleProjection {
  readonly name?: string;
  readonly signerName?: string;
  readonly labelSelector?: LabelSelector;
  readonly optional?: boolean;
  readonly path: string;
}

/** One source of a projected volume. */
export interface VolumeProjection {
  readonly secret?: SecretProjection;
  readonly downwardAPI?: DownwardAPIProjection;
  readonly configMap?: ConfigMapProjection;
  readonly serviceAccountToken?: ServiceAccountTokenProjection;
  readonly clusterTrustBundle?: ClusterTrustBundleProjection;
  readonly podCertificate?: UnsimulatedSource;
}

/** Several sources in one folder. */
export interface ProjectedVolumeSource {
  readonly sources?: readonly VolumeProjection[];
  readonly defaultMode?: number;
}

/** An inline volume of a CSI driver, made and gone with the pod. */
export interface CSIVolumeSource {
  readonly driver: string;
  readonly readOnly?: boolean;
  readonly fsType?: string;
  readonly volumeAttributes?: { readonly [key: string]: string };
  readonly nodePublishSecretRef?: LocalObjectReference;
}

/** The claim a generic ephemeral volume makes. */
export interface PersistentVolumeClaimTemplate {
  readonly metadata?: TemplateMeta;
  readonly spec: PersistentVolumeClaimSpec;
}

/** A claim that lives as long as the pod. */
export interface EphemeralVolumeSource {
  readonly volumeClaimTemplate?: PersistentVolumeClaimTemplate;
}

/** An image as a read-only volume. */
export interface ImageVolumeSource {
  readonly reference?: string;
  readonly pullPolicy?: PullPolicy;
}

/** A named volume of a pod; one source is set. */
export interface Volume {
  readonly name: string;
  readonly emptyDir?: EmptyDirVolumeSource;
  readonly hostPath?: HostPathVolumeSource;
  readonly configMap?: ConfigMapVolumeSource;
  readonly secret?: SecretVolumeSource;
  readonly projected?: ProjectedVolumeSource;
  readonly downwardAPI?: DownwardAPIVolumeSource;
  readonly persistentVolumeClaim?: PersistentVolumeClaimVolumeSource;
  readonly csi?: CSIVolumeSource;
  readonly ephemeral?: EphemeralVolumeSource;
  readonly image?: ImageVolumeSource;
  readonly nfs?: UnsimulatedSource;
  readonly iscsi?: UnsimulatedSource;
  readonly fc?: UnsimulatedSource;
  readonly awsElasticBlockStore?: UnsimulatedSource;
  readonly azureDisk?: UnsimulatedSource;
  readonly azureFile?: UnsimulatedSource;
  readonly cephfs?: UnsimulatedSource;
  readonly cinder?: UnsimulatedSource;
  readonly flexVolume?: UnsimulatedSource;
  readonly flocker?: UnsimulatedSource;
  readonly gcePersistentDisk?: UnsimulatedSource;
  readonly gitRepo?: UnsimulatedSource;
  readonly glusterfs?: UnsimulatedSource;
  readonly photonPersistentDisk?: UnsimulatedSource;
  readonly portworxVolume?: UnsimulatedSource;
  readonly quobyte?: UnsimulatedSource;
  readonly rbd?: UnsimulatedSource;
  readonly scaleIO?: UnsimulatedSource;
  readonly storageos?: UnsimulatedSource;
  readonly vsphereVolume?: UnsimulatedSource;
}
