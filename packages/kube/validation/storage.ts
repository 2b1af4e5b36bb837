import { isEqual, isSemanticallyEqual } from '../equality.ts';
import { dns1123SubdomainProblems } from '../names.ts';
import { compareQuantities, isQuantity, parseQuantity } from '../quantity.ts';
import type {
  AccessMode,
  CSIDriver,
  CSINode,
  PersistentVolume,
  PersistentVolumeClaim,
  PersistentVolumeClaimSpec,
  PersistentVolumeSpec,
  ResourceList,
  StorageClass,
  VolumeAttachment,
} from '../types/index.ts';
import { duplicateValue, type FieldError, forbiddenField, invalidValue, requiredValue, unsupportedValue } from './field-error.ts';
import { immutableField } from './metadata.ts';
import { validateNodeSelector } from './placement.ts';
import { validateLabelSelector } from './selector.ts';
import { validateDriverName } from './volume.ts';

// Source: `pkg/apis/core/validation/validation.go`, `pkg/apis/storage/validation/validation.go`.

function validateModes(modes: readonly AccessMode[], path: string): readonly FieldError[] {
  return modes.includes('ReadWriteOncePod') && modes.length > 1
    ? [forbiddenField(path, 'may not use ReadWriteOncePod with other access modes')]
    : [];
}

function validateSize(amounts: ResourceList | undefined, path: string): readonly FieldError[] {
  const size = amounts?.['storage'];
  if (size === undefined) return [requiredValue(`${path}[storage]`)];
  return isQuantity(size) && parseQuantity(size).nano > 0n ? [] : [invalidValue(`${path}[storage]`, size, 'must be greater than zero')];
}

function validateClassName(name: string | undefined, path: string): readonly FieldError[] {
  return name === undefined || name === '' ? [] : dns1123SubdomainProblems(name).map((problem) => invalidValue(path, name, problem));
}

export function validateClaimSpec(spec: PersistentVolumeClaimSpec, path: string): readonly FieldError[] {
  const { accessModes = [], resources, storageClassName, selector } = spec;
  return [
    ...(accessModes.length === 0 ? [requiredValue(`${path}.accessModes`, 'at least 1 access mode is required')] : []),
    ...validateModes(accessModes, `${path}.accessModes`),
    ...validateSize(resources?.requests, `${path}.resources`),
    ...validateClassName(storageClassName, `${path}.storageClassName`),
    ...(selector === undefined ? [] : validateLabelSelector(selector, `${path}.selector`)),
  ];
}

export function validateClaim(claim: PersistentVolumeClaim): readonly FieldError[] {
  return validateClaimSpec(claim.spec, 'spec');
}

export function validateClaimUpdate(claim: PersistentVolumeClaim, old: PersistentVolumeClaim): readonly FieldError[] {
  const errors: FieldError[] = [...validateClaim(claim)];
  const bound = old.status?.phase === 'Bound';
  const taken: Partial<Record<keyof PersistentVolumeClaimSpec, unknown>> = {};
  if ((old.spec.volumeName ?? '') === '') taken.volumeName = claim.spec.volumeName;
  if (old.spec.storageClassName === undefined) taken.storageClassName = claim.spec.storageClassName;
  const [size, oldSize] = [claim.spec.resources?.requests?.['storage'], old.spec.resources?.requests?.['storage']];
  if (bound) {
    taken.volumeAttributesClassName = claim.spec.volumeAttributesClassName;
    if (size !== undefined) taken.resources = { ...old.spec.resources, requests: { ...old.spec.resources?.requests, storage: size } };
    errors.push(...validateShrink(size, oldSize, claim.status?.capacity?.['storage'] ?? old.status?.capacity?.['storage']));
  }
  if (!isSemanticallyEqual(claim.spec, { ...old.spec, ...taken })) {
    errors.push(
      forbiddenField('spec', 'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims'),
    );
  }
  return errors;
}

/** A wish may be lowered again while the volume is not that large yet: that is how a failed expansion is taken back. */
function validateShrink(size: string | undefined, oldSize: string | undefined, capacity: string | undefined): readonly FieldError[] {
  if (size === undefined || oldSize === undefined || !isQuantity(size) || compareQuantities(size, oldSize) >= 0) return [];
  return capacity === undefined || compareQuantities(size, capacity) <= 0
    ? [forbiddenField('spec.resources.requests.storage', 'field can not be less than status.capacity')]
    : [];
}

const claimed = new Set<string>([
  'capacity',
  'accessModes',
  'claimRef',
  'persistentVolumeReclaimPolicy',
  'storageClassName',
  'mountOptions',
  'volumeMode',
  'nodeAffinity',
  'volumeAttributesClassName',
]);

/** The sources given, which are all members but the known others. */
function sourcesOf(spec: PersistentVolumeSpec): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(spec).filter(([key, value]) => !claimed.has(key) && value !== undefined));
}

export function validateVolume({ spec }: PersistentVolume): readonly FieldError[] {
  const errors: FieldError[] = [];
  const modes = spec.accessModes ?? [];
  if (modes.length === 0) errors.push(requiredValue('spec.accessModes'));
  errors.push(...validateModes(modes, 'spec.accessModes'));
  if (spec.capacity === undefined || Object.keys(spec.capacity).length === 0) errors.push(requiredValue('spec.capacity'));
  else {
    const names = Object.keys(spec.capacity);
    if (names.length > 1 || names[0] !== 'storage') errors.push(unsupportedValue('spec.capacity', names, ['storage']));
    errors.push(...validateSize(spec.capacity, 'spec.capacity'));
  }
  const sources = Object.keys(sourcesOf(spec));
  if (sources.length === 0) errors.push(requiredValue('spec', 'must specify a volume type'));
  for (const name of sources.slice(1)) errors.push(forbiddenField(`spec.${name}`, 'may not specify more than 1 volume type'));
  if (spec.csi !== undefined) {
    errors.push(...validateDriverName(spec.csi.driver, 'spec.csi.driver'));
    if (spec.csi.volumeHandle === '') errors.push(requiredValue('spec.csi.volumeHandle'));
  }
  if (spec.local !== undefined) {
    if (spec.local.path === '') errors.push(requiredValue('spec.local.path'));
    if (spec.nodeAffinity === undefined) errors.push(requiredValue('spec.nodeAffinity', 'Local volume requires node affinity'));
  }
  if (spec.hostPath?.path === '') errors.push(requiredValue('spec.hostPath.path'));
  const required = spec.nodeAffinity?.required;
  if (required !== undefined) errors.push(...validateNodeSelector(required, 'spec.nodeAffinity.required'));
  errors.push(...validateClassName(spec.storageClassName, 'spec.storageClassName'));
  return errors;
}

export function validateVolumeUpdate(volume: PersistentVolume, old: PersistentVolume): readonly FieldError[] {
  const errors: FieldError[] = [...validateVolume(volume)];
  if (!isEqual(sourcesOf(volume.spec), sourcesOf(old.spec))) {
    errors.push(forbiddenField('spec.persistentvolumesource', 'spec.persistentvolumesource is immutable after creation'));
  }
  errors.push(...immutableField(volume.spec.volumeMode, old.spec.volumeMode, 'spec.volumeMode'));
  if (old.spec.nodeAffinity !== undefined && !isSemanticallyEqual(volume.spec.nodeAffinity, old.spec.nodeAffinity)) {
    const detail = 'field is immutable, except for updating from beta label to GA';
    errors.push(invalidValue('spec.nodeAffinity', volume.spec.nodeAffinity, detail));
  }
  return errors;
}

export function validateStorageClass(storageClass: StorageClass): readonly FieldError[] {
  const { provisioner, allowedTopologies = [] } = storageClass;
  const errors: FieldError[] = [];
  if (provisioner === '') errors.push(requiredValue('provisioner'));
  else
    for (const problem of dns1123SubdomainProblems(provisioner.split('/').pop()?.toLowerCase() ?? ''))
      errors.push(invalidValue('provisioner', provisioner, problem));
  if (storageClass.reclaimPolicy === 'Recycle') {
    errors.push(unsupportedValue('reclaimPolicy', 'Recycle', ['Delete', 'Retain']));
  }
  for (const [index, term] of allowedTopologies.entries()) {
    for (const [position, { values }] of (term.matchLabelExpressions ?? []).entries()) {
      if (values.length === 0) errors.push(requiredValue(`allowedTopologies[${index}].matchLabelExpressions[${position}].values`));
    }
  }
  return errors;
}

export function validateStorageClassUpdate(storageClass: StorageClass, old: StorageClass): readonly FieldError[] {
  const errors: FieldError[] = [...validateStorageClass(storageClass)];
  for (const field of ['parameters', 'provisioner', 'reclaimPolicy'] as const) {
    if (!isSemanticallyEqual(storageClass[field], old[field])) errors.push(forbiddenField(field, `updates to ${field} are forbidden.`));
  }
  return [...errors, ...immutableField(storageClass.volumeBindingMode, old.volumeBindingMode, 'volumeBindingMode')];
}

export function validateAttachment({ spec }: VolumeAttachment): readonly FieldError[] {
  const errors: FieldError[] = [...validateDriverName(spec.attacher, 'spec.attacher')];
  const { persistentVolumeName, inlineVolumeSpec } = spec.source;
  if (persistentVolumeName === undefined && inlineVolumeSpec === undefined) {
    errors.push(requiredValue('spec.source', 'must specify exactly one of inlineVolumeSpec and persistentVolumeName'));
  } else if (persistentVolumeName !== undefined && inlineVolumeSpec !== undefined) {
    errors.push(forbiddenField('spec.source', 'must specify exactly one of inlineVolumeSpec and persistentVolumeName'));
  }
  if (spec.nodeName === '') errors.push(requiredValue('spec.nodeName'));
  return errors;
}

export function validateAttachmentUpdate(attachment: VolumeAttachment, old: VolumeAttachment): readonly FieldError[] {
  return immutableField(attachment.spec, old.spec, 'spec');
}

export function validateCsiNode({ spec }: CSINode): readonly FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  for (const [index, { name, nodeID }] of spec.drivers.entries()) {
    const at = `spec.drivers[${index}]`;
    errors.push(...validateDriverName(name, `${at}.name`));
    if (names.has(name)) errors.push(duplicateValue(`${at}.name`, name));
    names.add(name);
    if (nodeID === '') errors.push(requiredValue(`${at}.nodeID`));
  }
  return errors;
}

export function validateCsiNodeUpdate(csiNode: CSINode, old: CSINode): readonly FieldError[] {
  const errors: FieldError[] = [...validateCsiNode(csiNode)];
  for (const [index, driver] of csiNode.spec.drivers.entries()) {
    const before = old.spec.drivers.find(({ name }) => name === driver.name);
    // How many volumes fit may be corrected later; who the node is to the driver may not.
    if (before !== undefined && !isEqual({ ...driver, allocatable: undefined }, { ...before, allocatable: undefined })) {
      errors.push(invalidValue(`spec.drivers[${index}]`, driver, 'field is immutable'));
    }
  }
  return errors;
}

export function validateCsiDriver(driver: CSIDriver): readonly FieldError[] {
  return validateDriverName(driver.metadata.name, 'metadata.name');
}

export function validateCsiDriverUpdate(driver: CSIDriver, old: CSIDriver): readonly FieldError[] {
  return [
    ...immutableField(driver.spec.attachRequired, old.spec.attachRequired, 'spec.attachRequired'),
    ...immutableField(driver.spec.volumeLifecycleModes, old.spec.volumeLifecycleModes, 'spec.volumeLifecycleModes'),
  ];
}
