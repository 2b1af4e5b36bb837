import type { BuiltInObject, Kind } from '../kinds.ts';
import { kindOf } from '../kinds.ts';
import type { KubeObject } from '../types/index.ts';
import {
  validateDefinition,
  validateLease,
  validateNode,
  validateNodeUpdate,
  validatePriorityClass,
  validatePriorityClassUpdate,
  validateServiceAccount,
} from './cluster.ts';
import { validateConfigMap, validateConfigMapUpdate, validateSecret, validateSecretUpdate } from './config.ts';
import type { FieldError } from './field-error.ts';
import { validateCronJob, validateCronJobUpdate, validateJob, validateJobUpdate } from './job.ts';
import { validateQuota, validateQuotaUpdate } from './quota.ts';
import { validateMetaUpdate, validateObjectMeta } from './metadata.ts';
import { validatePod, validatePodUpdate } from './pod.ts';
import { validateEndpointSlice, validateEndpointSliceUpdate, validateService, validateServiceUpdate } from './service.ts';
import {
  validateAttachment,
  validateAttachmentUpdate,
  validateClaim,
  validateClaimUpdate,
  validateCsiDriver,
  validateCsiDriverUpdate,
  validateCsiNode,
  validateCsiNodeUpdate,
  validateStorageClass,
  validateStorageClassUpdate,
  validateVolume,
  validateVolumeUpdate,
} from './storage.ts';
import {
  validateDaemonSet,
  validateDaemonSetUpdate,
  validateDeployment,
  validateDeploymentUpdate,
  validateReplicaSet,
  validateReplicaSetUpdate,
  validateStatefulSet,
  validateStatefulSetUpdate,
} from './workload.ts';

export * from './field-error.ts';
export { nameCheckOf } from './metadata.ts';

/**
 * Checks an object that is to be made, defaults filled in and its name chosen. Kinds without rules of their own here, custom ones too,
 * have their metadata checked.
 *
 * @param kind given for kinds that are not built in
 * @returns what is wrong, in the order of upstream's checks; empty when nothing is
 */
export function validateCreate(object: KubeObject, kind?: Kind): readonly FieldError[] {
  const builtIn = kindOf(object.apiVersion, object.kind);
  const known = kind ?? builtIn;
  const ofMeta = known === undefined ? [] : validateObjectMeta(object.metadata, known);
  const ofRest = builtIn === undefined ? [] : createErrors(object as unknown as BuiltInObject);
  return ofMeta.length === 0 ? ofRest : [...ofMeta, ...ofRest];
}

/**
 * Checks a change of the main resource: what `validateCreate` does, as far as it applies to what exists already, and what may not change.
 *
 * @param old the stored object, of the same kind
 */
export function validateUpdate(object: KubeObject, old: KubeObject, kind?: Kind): readonly FieldError[] {
  const builtIn = kindOf(object.apiVersion, object.kind);
  const known = kind ?? builtIn;
  const errors: FieldError[] = [...validateMetaUpdate(object.metadata, old.metadata)];
  if (known !== undefined) errors.push(...validateObjectMeta(object.metadata, known));
  // Same apiVersion and kind as the stored object: the shape is the same.
  if (builtIn !== undefined && !sharesSpec(object, old))
    errors.push(...updateErrors(object as unknown as BuiltInObject, old as unknown as BuiltInObject));
  return errors;
}

/** A spec that is still the very same value was checked when it was stored. */
function sharesSpec(object: KubeObject & { readonly spec?: unknown }, old: KubeObject & { readonly spec?: unknown }): boolean {
  return object.spec !== undefined && object.spec === old.spec;
}

/** Checks a change of the status subresource: only metadata matters, since the status is the controllers' own. */
export function validateStatusUpdate(object: KubeObject, old: KubeObject): readonly FieldError[] {
  return validateMetaUpdate(object.metadata, old.metadata);
}

function createErrors(object: BuiltInObject): readonly FieldError[] {
  switch (object.kind) {
    case 'Pod':
      return validatePod(object);
    case 'Node':
      return validateNode(object);
    case 'Service':
      return validateService(object);
    case 'ServiceAccount':
      return validateServiceAccount(object);
    case 'ConfigMap':
      return validateConfigMap(object);
    case 'Secret':
      return validateSecret(object);
    case 'EndpointSlice':
      return validateEndpointSlice(object);
    case 'Lease':
      return validateLease(object);
    case 'Deployment':
      return validateDeployment(object);
    case 'ReplicaSet':
      return validateReplicaSet(object);
    case 'DaemonSet':
      return validateDaemonSet(object);
    case 'StatefulSet':
      return validateStatefulSet(object);
    case 'Job':
      return validateJob(object);
    case 'CronJob':
      return validateCronJob(object);
    case 'PersistentVolume':
      return validateVolume(object);
    case 'PersistentVolumeClaim':
      return validateClaim(object);
    case 'StorageClass':
      return validateStorageClass(object);
    case 'VolumeAttachment':
      return validateAttachment(object);
    case 'CSINode':
      return validateCsiNode(object);
    case 'CSIDriver':
      return validateCsiDriver(object);
    case 'PriorityClass':
      return validatePriorityClass(object);
    case 'ResourceQuota':
      return validateQuota(object);
    case 'CustomResourceDefinition':
      return validateDefinition(object);
    default:
      return [];
  }
}

function updateErrors(object: BuiltInObject, old: BuiltInObject): readonly FieldError[] {
  switch (object.kind) {
    case 'Pod':
      return old.kind === 'Pod' ? validatePodUpdate(object, old) : [];
    case 'Node':
      return old.kind === 'Node' ? validateNodeUpdate(object, old) : [];
    case 'Service':
      return old.kind === 'Service' ? validateServiceUpdate(object, old) : [];
    case 'ResourceQuota':
      return old.kind === 'ResourceQuota' ? validateQuotaUpdate(object, old) : [];
    case 'ConfigMap':
      return old.kind === 'ConfigMap' ? validateConfigMapUpdate(object, old) : [];
    case 'Secret':
      return old.kind === 'Secret' ? validateSecretUpdate(object, old) : [];
    case 'EndpointSlice':
      return old.kind === 'EndpointSlice' ? validateEndpointSliceUpdate(object, old) : [];
    case 'Deployment':
      return old.kind === 'Deployment' ? validateDeploymentUpdate(object, old) : [];
    case 'ReplicaSet':
      return old.kind === 'ReplicaSet' ? validateReplicaSetUpdate(object, old) : [];
    case 'DaemonSet':
      return old.kind === 'DaemonSet' ? validateDaemonSetUpdate(object, old) : [];
    case 'StatefulSet':
      return old.kind === 'StatefulSet' ? validateStatefulSetUpdate(object, old) : [];
    case 'Job':
      return old.kind === 'Job' ? validateJobUpdate(object, old) : [];
    case 'CronJob':
      return old.kind === 'CronJob' ? validateCronJobUpdate(object, old) : [];
    case 'PersistentVolume':
      return old.kind === 'PersistentVolume' ? validateVolumeUpdate(object, old) : [];
    case 'PersistentVolumeClaim':
      return old.kind === 'PersistentVolumeClaim' ? validateClaimUpdate(object, old) : [];
    case 'StorageClass':
      return old.kind === 'StorageClass' ? validateStorageClassUpdate(object, old) : [];
    case 'VolumeAttachment':
      return old.kind === 'VolumeAttachment' ? validateAttachmentUpdate(object, old) : [];
    case 'CSINode':
      return old.kind === 'CSINode' ? validateCsiNodeUpdate(object, old) : [];
    case 'CSIDriver':
      return old.kind === 'CSIDriver' ? validateCsiDriverUpdate(object, old) : [];
    case 'PriorityClass':
      return old.kind === 'PriorityClass' ? validatePriorityClassUpdate(object, old) : [];
    default:
      return createErrors(object);
  }
}
