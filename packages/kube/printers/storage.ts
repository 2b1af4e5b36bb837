import type {
  AccessMode,
  CSIDriver,
  CSINode,
  PersistentVolume,
  PersistentVolumeClaim,
  PodDisruptionBudget,
  StorageClass,
  VolumeAttachment,
} from '../types/index.ts';
import { type Column, column, unset, wide } from './column.ts';
import { age, name } from './shared.ts';

// Source: `pkg/printers/internalversion/printers.go`.

const shortModes: Readonly<Record<AccessMode, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
};
const modeOrder: readonly AccessMode[] = ['ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOncePod'];

function modes(given: readonly AccessMode[] | undefined): string {
  return modeOrder
    .filter((mode) => given?.includes(mode) ?? false)
    .map((mode) => shortModes[mode])
    .join(',');
}

export const volumeColumns: readonly Column<PersistentVolume>[] = [
  name,
  column('Capacity', ({ spec }) => spec.capacity?.['storage']),
  column('Access Modes', ({ spec }) => modes(spec.accessModes)),
  column('Reclaim Policy', ({ spec }) => spec.persistentVolumeReclaimPolicy),
  column('Status', ({ metadata, status }) => (metadata.deletionTimestamp === undefined ? status?.phase : 'Terminating')),
  column('Claim', ({ spec: { claimRef } }) => (claimRef === undefined ? '' : `${claimRef.namespace ?? ''}/${claimRef.name ?? ''}`)),
  column('StorageClass', ({ spec }) => spec.storageClassName),
  column('VolumeAttributesClass', ({ spec }) => spec.volumeAttributesClassName ?? unset),
  column('Reason', ({ status }) => status?.reason),
  age,
  wide('VolumeMode', ({ spec }) => spec.volumeMode ?? unset),
];

export const claimColumns: readonly Column<PersistentVolumeClaim>[] = [
  name,
  column('Status', ({ metadata, status }) => (metadata.deletionTimestamp === undefined ? status?.phase : 'Terminating')),
  column('Volume', ({ spec }) => spec.volumeName),
  // Both are the volume's and so empty while there is none.
  column('Capacity', ({ spec, status }) => ((spec.volumeName ?? '') === '' ? '' : status?.capacity?.['storage'])),
  column('Access Modes', ({ spec, status }) => ((spec.volumeName ?? '') === '' ? '' : modes(status?.accessModes))),
  column('StorageClass', ({ spec }) => spec.storageClassName),
  column('VolumeAttributesClass', ({ spec }) => spec.volumeAttributesClassName ?? unset),
  age,
  wide('VolumeMode', ({ spec }) => spec.volumeMode ?? unset),
];

const defaultClassAnnotations = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
] as const;

/** Whether claims without a class get this one. The beta annotation counts too. */
export function isDefaultStorageClass({ metadata }: Pick<StorageClass, 'metadata'>): boolean {
  return defaultClassAnnotations.some((annotation) => metadata.annotations?.[annotation] === 'true');
}

export const storageClassColumns: readonly Column<StorageClass>[] = [
  column('Name', (storageClass) =>
    isDefaultStorageClass(storageClass) ? `${storageClass.metadata.name} (default)` : storageClass.metadata.name,
  ),
  column('Provisioner', ({ provisioner }) => provisioner),
  column('ReclaimPolicy', ({ reclaimPolicy }) => reclaimPolicy ?? 'Delete'),
  column('VolumeBindingMode', ({ volumeBindingMode }) => volumeBindingMode ?? 'Immediate'),
  column('AllowVolumeExpansion', ({ allowVolumeExpansion }) => String(allowVolumeExpansion ?? false)),
  age,
];

export const attachmentColumns: readonly Column<VolumeAttachment>[] = [
  name,
  column('Attacher', ({ spec }) => spec.attacher),
  column('PV', ({ spec }) => spec.source.persistentVolumeName),
  column('Node', ({ spec }) => spec.nodeName),
  column('Attached', ({ status }) => String(status?.attached ?? false)),
  age,
];

export const csiNodeColumns: readonly Column<CSINode>[] = [name, column('Drivers', ({ spec }) => spec.drivers.length), age];

export const csiDriverColumns: readonly Column<CSIDriver>[] = [
  name,
  column('AttachRequired', ({ spec }) => String(spec.attachRequired ?? true)),
  column('PodInfoOnMount', ({ spec }) => String(spec.podInfoOnMount ?? false)),
  column('StorageCapacity', ({ spec }) => String(spec.storageCapacity ?? false)),
  column('TokenRequests', ({ spec }) => spec.tokenRequests?.map(({ audience }) => audience).join(',') ?? unset),
  column('RequiresRepublish', ({ spec }) => String(spec.requiresRepublish ?? false)),
  column('Modes', ({ spec }) => spec.volumeLifecycleModes?.join(',') ?? unset),
  age,
];

export const budgetColumns: readonly Column<PodDisruptionBudget>[] = [
  name,
  column('Min Available', ({ spec }) => spec?.minAvailable ?? 'N/A'),
  column('Max Unavailable', ({ spec }) => spec?.maxUnavailable ?? 'N/A'),
  column('Allowed Disruptions', ({ status }) => status?.disruptionsAllowed ?? 0),
  age,
];
