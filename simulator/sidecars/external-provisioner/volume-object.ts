import type { CreateVolumeRequest, Volume } from '@slipway/csi';
import {
  bytes,
  finalizers,
  formatResourceAmount,
  type PersistentVolume,
  type PersistentVolumeClaim,
  type SecretReference,
  type StorageClass,
  type Stored,
} from '@slipway/kube';
import { storageAnnotations } from '../../controllers/storage/annotations.ts';
import { claimReference, classOf } from '../../controllers/storage/claims.ts';
import type { SecretPurpose } from './secret-references.ts';
import { nodeAffinityOf } from './topology.ts';

/** What is known of a volume before it is made. */
export interface VolumePlan {
  readonly claim: Stored<PersistentVolumeClaim>;
  readonly storageClass: StorageClass;
  readonly request: CreateVolumeRequest;
  readonly fsType: string;
  readonly secrets: Readonly<Partial<Record<SecretPurpose, SecretReference>>>;
}

/** Who made a volume, among those that the side-car keeps for itself. */
export const IDENTITY_ATTRIBUTE = 'storage.kubernetes.io/csiProvisionerIdentity';

/**
 * The object of a volume that the driver has made. Source: external-provisioner `pkg/controller/controller.go`, Provision;
 * sig-storage-lib-external-provisioner `controller/controller.go`, provisionClaimOperation.
 *
 * @param identity of the side-car
 */
export function volumeObject(plan: VolumePlan, made: Volume, driver: string, identity: string, hasTopology: boolean): PersistentVolume {
  const { claim, storageClass, request, fsType, secrets } = plan;
  const { accessModes = [], volumeMode, volumeAttributesClassName = '' } = claim.spec;
  const affinity = hasTopology ? nodeAffinityOf(made.accessibleTopology) : undefined;
  const { mountOptions } = storageClass;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: {
      name: request.name,
      annotations: {
        [storageAnnotations.provisionedBy]: storageClass.provisioner,
        [storageAnnotations.deletionSecretName]: secrets.Provisioner?.name ?? '',
        [storageAnnotations.deletionSecretNamespace]: secrets.Provisioner?.namespace ?? '',
        ...(secrets.ControllerModify
          ? {
              [storageAnnotations.modifySecretName]: secrets.ControllerModify.name ?? '',
              [storageAnnotations.modifySecretNamespace]: secrets.ControllerModify.namespace ?? '',
            }
          : {}),
      },
      finalizers: [finalizers.provisioner],
    },
    spec: {
      accessModes,
      capacity: { storage: formatResourceAmount('storage', made.capacityBytes || bytes(requested(claim))) },
      claimRef: claimReference(claim),
      csi: {
        driver,
        volumeHandle: made.volumeId,
        ...(volumeMode === 'Block' || fsType === '' ? {} : { fsType }),
        volumeAttributes: { [IDENTITY_ATTRIBUTE]: identity, ...made.volumeContext },
        ...(secrets.ControllerPublish ? { controllerPublishSecretRef: secrets.ControllerPublish } : {}),
        ...(secrets.NodeStage ? { nodeStageSecretRef: secrets.NodeStage } : {}),
        ...(secrets.NodePublish ? { nodePublishSecretRef: secrets.NodePublish } : {}),
        ...(secrets.ControllerExpand ? { controllerExpandSecretRef: secrets.ControllerExpand } : {}),
        ...(secrets.NodeExpand ? { nodeExpandSecretRef: secrets.NodeExpand } : {}),
      },
      ...(mountOptions === undefined ? {} : { mountOptions }),
      ...(affinity === undefined ? {} : { nodeAffinity: affinity }),
      persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? 'Delete',
      storageClassName: classOf(claim),
      ...(volumeMode === undefined ? {} : { volumeMode }),
      ...(volumeAttributesClassName === '' ? {} : { volumeAttributesClassName }),
    },
  };
}

/** The size that a claim asks for. */
export const requested = ({ spec }: PersistentVolumeClaim): string => spec.resources?.requests?.['storage'] ?? '0';
