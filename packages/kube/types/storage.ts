// Volumes of the cluster and claims to them. Source: `core/v1`, `storage.k8s.io/v1`.

import type { NodeSelector } from './affinity.ts';
import type { LabelSelector, ObjectMeta } from './meta.ts';
import type { KubeObject } from './object.ts';
import type { ObjectReference, SecretReference, TypedLocalObjectReference, TypedObjectReference } from './reference.ts';
import type { AccessMode, ConditionStatus, Quantity, ResourceList, Time, UnsimulatedSource } from './scalars.ts';
import type { HostPathVolumeSource } from './volume.ts';

/** A volume of a CSI driver. */
export interface CSIPersistentVolumeSource {
  readonly driver: string;
  /** The driver's id. */
  readonly volumeHandle: string;
  readonly readOnly?: boolean;
  readonly fsType?: string;
  readonly volumeAttributes?: { readonly [key: string]: string };
  readonly controllerPublishSecretRef?: SecretReference;
  readonly nodeStageSecretRef?: SecretReference;
  readonly nodePublishSecretRef?: SecretReference;
  readonly controllerExpandSecretRef?: SecretReference;
  readonly nodeExpandSecretRef?: SecretReference;
}

/** A disk or folder of one node. */
export interface LocalVolumeSource {
  readonly path: string;
  readonly fsType?: string;
}

/** Nodes that can reach the volume. */
export interface VolumeNodeAffinity {
  readonly required?: NodeSelector;
}

/** The volume; one source is set. */
export interface PersistentVolumeSpec {
  readonly capacity?: ResourceList;
  readonly accessModes?: readonly AccessMode[];
  readonly claimRef?: ObjectReference;
  readonly persistentVolumeReclaimPolicy?: 'Retain' | 'Delete' | 'Recycle';
  readonly storageClassName?: string;
  readonly mountOptions?: readonly string[];
  readonly volumeMode?: 'Block' | 'Filesystem';
  readonly nodeAffinity?: VolumeNodeAffinity;
  readonly volumeAttributesClassName?: string;
  readonly csi?: CSIPersistentVolumeSource;
  readonly hostPath?: HostPathVolumeSource;
  readonly local?: LocalVolumeSource;
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
  readonly glusterfs?: UnsimulatedSource;
  readonly photonPersistentDisk?: UnsimulatedSource;
  readonly portworxVolume?: UnsimulatedSource;
  readonly quobyte?: UnsimulatedSource;
  readonly rbd?: UnsimulatedSource;
  readonly scaleIO?: UnsimulatedSource;
  readonly storageos?: UnsimulatedSource;
  readonly vsphereVolume?: UnsimulatedSource;
}

/** Whether a claim holds the volume. */
export interface PersistentVolumeStatus {
  readonly phase?: 'Pending' | 'Available' | 'Bound' | 'Released' | 'Failed';
  readonly message?: string;
  readonly reason?: string;
  readonly lastPhaseTransitionTime?: Time;
}

/** A volume of the cluster. */
export interface PersistentVolume extends KubeObject {
  readonly apiVersion: 'v1';
  readonly kind: 'PersistentVolume';
  readonly spec: PersistentVolumeSpec;
  readonly status?: PersistentVolumeStatus;
}

/** Wanted size. */
export interface VolumeResourceRequirements {
  readonly requests?: ResourceList;
  readonly limits?: ResourceList;
}

/** The wanted volume. */
export interface PersistentVolumeClaimSpec {
  readonly accessModes?: readonly AccessMode[];
  readonly selector?: LabelSelector;
  readonly resources?: VolumeResourceRequirements;
  readonly volumeName?: string;
  /** "" means no class, absent means the default one. */
  readonly storageClassName?: string;
  readonly volumeMode?: 'Block' | 'Filesystem';
  readonly dataSource?: TypedLocalObjectReference;
  readonly dataSourceRef?: TypedObjectReference;
  readonly volumeAttributesClassName?: string;
}

/** A fact about the claim, such as `Resizing`. */
export interface PersistentVolumeClaimCondition {
  readonly type: string;
  readonly status: ConditionStatus;
  readonly lastProbeTime?: Time;
  readonly lastTransitionTime?: Time;
  readonly reason?: string;
  readonly message?: string;
}

/** A change of attributes class under way. */
export interface ModifyVolumeStatus {
  readonly targetVolumeAttributesClassName?: string;
  readonly status: string;
}

/** Whether the claim holds a volume. */
export interface PersistentVolumeClaimStatus {
  readonly phase?: 'Pending' | 'Bound' | 'Lost';
  readonly accessModes?: readonly AccessMode[];
  readonly capacity?: ResourceList;
  readonly conditions?: readonly PersistentVolumeClaimCondition[];
  readonly allocatedResources?: ResourceList;
  readonly allocatedResourceStatuses?: { readonly [key: string]: string };
  readonly currentVolumeAttributesClassName?: string;
  readonly modifyVolumeStatus?: ModifyVolumeStatus;
}

/** Asks for a volume. */
export interface PersistentVolumeClaim extends KubeObject {
  readonly apiVersion: 'v1';
  readonly kind: 'PersistentVolumeClaim';
  readonly spec: PersistentVolumeClaimSpec;
  readonly status?: PersistentVolumeClaimStatus;
}

/** The claim a StatefulSet makes for each pod. */
export interface ClaimTemplate {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: ObjectMeta;
  readonly spec: PersistentVolumeClaimSpec;
  readonly status?: PersistentVolumeClaimStatus;
}

/** Allowed values of a topology label. */
export interface TopologySelectorLabelRequirement {
  readonly key: string;
  readonly values: readonly string[];
}

/** Allowed places. */
export interface TopologySelectorTerm {
  readonly matchLabelExpressions?: readonly TopologySelectorLabelRequirement[];
}

/** How volumes are provisioned. */
export interface StorageClass extends KubeObject {
  readonly apiVersion: 'storage.k8s.io/v1';
  readonly kind: 'StorageClass';
  readonly provisioner: string;
  readonly parameters?: { readonly [key: string]: string };
  readonly reclaimPolicy?: 'Delete' | 'Retain' | 'Recycle';
  readonly mountOptions?: readonly string[];
  readonly allowVolumeExpansion?: boolean;
  readonly volumeBindingMode?: 'Immediate' | 'WaitForFirstConsumer';
  readonly allowedTopologies?: readonly TopologySelectorTerm[];
}

/** Which volume. */
export interface VolumeAttachmentSource {
  readonly persistentVolumeName?: string;
  readonly inlineVolumeSpec?: PersistentVolumeSpec;
}

/** Who attaches what to where. */
export interface VolumeAttachmentSpec {
  readonly attacher: string;
  readonly source: VolumeAttachmentSource;
  readonly nodeName: string;
}

/** The last error of an operation. */
export interface VolumeError {
  readonly time?: Time;
  readonly message?: string;
  readonly errorCode?: number;
}

/** How far attaching got. */
export interface VolumeAttachmentStatus {
  readonly attached: boolean;
  readonly attachmentMetadata?: { readonly [key: string]: string };
  readonly attachError?: VolumeError;
  readonly detachError?: VolumeError;
}

/** Asks for a volume to be attached to a node. */
export interface VolumeAttachment extends KubeObject {
  readonly apiVersion: 'storage.k8s.io/v1';
  readonly kind: 'VolumeAttachment';
  readonly spec: VolumeAttachmentSpec;
  readonly status?: VolumeAttachmentStatus;
}

/** How many volumes of a driver a node takes. */
export interface VolumeNodeResources {
  readonly count?: number;
}

/** A driver on a node. */
export interface CSINodeDriver {
  readonly name: string;
  readonly nodeID: string;
  readonly topologyKeys?: readonly string[];
  readonly allocatable?: VolumeNodeResources;
}

/** Drivers on the node. */
export interface CSINodeSpec {
  readonly drivers: readonly CSINodeDriver[];
}

/** CSI drivers of the node with the same name. */
export interface CSINode extends KubeObject {
  readonly apiVersion: 'storage.k8s.io/v1';
  readonly kind: 'CSINode';
  readonly spec: CSINodeSpec;
}

/** A token the driver wants for pods. */
export interface TokenRequest {
  readonly audience: string;
  readonly expirationSeconds?: number;
}

/** How Kubernetes treats the driver. */
export interface CSIDriverSpec {
  readonly attachRequired?: boolean;
  readonly podInfoOnMount?: boolean;
  readonly volumeLifecycleModes?: readonly ('Persistent' | 'Ephemeral')[];
  readonly storageCapacity?: boolean;
  readonly fsGroupPolicy?: 'ReadWriteOnceWithFSType' | 'File' | 'None';
  readonly tokenRequests?: readonly TokenRequest[];
  readonly requiresRepublish?: boolean;
  readonly seLinuxMount?: boolean;
  readonly nodeAllocatableUpdatePeriodSeconds?: number;
  readonly serviceAccountTokenInSecrets?: boolean;
}

/** An installed CSI driver. */
export interface CSIDriver extends KubeObject {
  readonly apiVersion: 'storage.k8s.io/v1';
  readonly kind: 'CSIDriver';
  readonly spec: CSIDriverSpec;
}

/** Free space of a class in a topology. */
export interface CSIStorageCapacity extends KubeObject {
  readonly apiVersion: 'storage.k8s.io/v1';
  readonly kind: 'CSIStorageCapacity';
  readonly nodeTopology?: LabelSelector;
  readonly storageClassName: string;
  readonly capacity?: Quantity;
  readonly maximumVolumeSize?: Quantity;
}

/** Changeable attributes of volumes. */
export interface VolumeAttributesClass extends KubeObject {
  readonly apiVersion: 'storage.k8s.io/v1';
  readonly kind: 'VolumeAttributesClass';
  readonly driverName: string;
  readonly parameters?: { readonly [key: string]: string };
}
