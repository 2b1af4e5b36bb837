import type {
  BlockMetadataType,
  CapacityRange,
  Snapshot,
  Volume,
  VolumeCapability,
  VolumeCapabilityAccessModeMode,
  VolumeCondition,
  VolumeContentSource,
  VolumeGroupSnapshot,
  VolumeUsage,
} from '../messages/index.ts';
import { topologiesWrong } from './names.ts';

/** Access modes that a capability may have, in the order of csi.proto. */
export const accessModes: readonly VolumeCapabilityAccessModeMode[] = [
  'SINGLE_NODE_WRITER',
  'SINGLE_NODE_READER_ONLY',
  'MULTI_NODE_READER_ONLY',
  'MULTI_NODE_SINGLE_WRITER',
  'MULTI_NODE_MULTI_WRITER',
  'SINGLE_NODE_SINGLE_WRITER',
  'SINGLE_NODE_MULTI_WRITER',
];

/** What a capability is wrong in. Source: csi.proto, `VolumeCapability`. */
export function capabilityWrong(capability: VolumeCapability): string | undefined {
  const kinds = ['block', 'mount'].filter((kind) => Object.hasOwn(capability, kind));
  if (kinds.length !== 1) return `a volume capability must have one of block and mount, not ${kinds.length}`;
  const mode = capability.accessMode?.mode;
  return accessModes.includes(mode) ? undefined : `accessMode.mode must be a known access mode, not ${mode}`;
}

export function capabilitiesWrong(capabilities: readonly VolumeCapability[] | undefined): string | undefined {
  for (const capability of capabilities ?? []) {
    const wrong = capabilityWrong(capability);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

/** What a range is wrong in. 0 counts as not given. Source: csi.proto, `CapacityRange`. */
export function rangeWrong(range: CapacityRange | undefined): string | undefined {
  if (range === undefined) return undefined;
  const { requiredBytes = 0, limitBytes = 0 } = range;
  if (requiredBytes === 0 && limitBytes === 0) return 'capacityRange must have requiredBytes or limitBytes';
  if (limitBytes > 0 && limitBytes < requiredBytes) return `limitBytes ${limitBytes} must not be below requiredBytes ${requiredBytes}`;
  return undefined;
}

/** Whether a size that is known is outside a range. */
export function outsideRange(capacityBytes: number | undefined, range: CapacityRange | undefined): string | undefined {
  const { requiredBytes = 0, limitBytes = 0 } = range ?? {};
  if (!capacityBytes) return undefined;
  if (capacityBytes < requiredBytes) return `capacityBytes ${capacityBytes} must not be below requiredBytes ${requiredBytes}`;
  if (limitBytes > 0 && capacityBytes > limitBytes) return `capacityBytes ${capacityBytes} must not exceed limitBytes ${limitBytes}`;
  return undefined;
}

/** Exactly one source, with its id. */
export function sourceWrong(source: VolumeContentSource | undefined): string | undefined {
  if (source === undefined) return undefined;
  const kinds = ['snapshot', 'volume'].filter((kind) => Object.hasOwn(source, kind));
  if (kinds.length !== 1) return `a content source must have one of snapshot and volume, not ${kinds.length}`;
  return sourceId(source) ? undefined : 'a content source must have the id of its snapshot or volume';
}

/** The id of the snapshot or volume. */
export function sourceId(source: VolumeContentSource): string {
  return 'snapshot' in source ? source.snapshot.snapshotId : source.volume.volumeId;
}

/** Source: csi.proto, `Volume`. */
export function volumeWrong(volume: Volume | undefined): string | undefined {
  if (!volume?.volumeId) return 'volume.volumeId must not be empty';
  return topologiesWrong(volume.accessibleTopology ?? []) ?? sourceWrong(volume.contentSource);
}

/** Source: csi.proto, `Snapshot`. */
export function snapshotWrong(snapshot: Snapshot | undefined): string | undefined {
  if (!snapshot?.snapshotId || !snapshot.sourceVolumeId) return 'snapshotId and sourceVolumeId of a snapshot must not be empty';
  if (typeof snapshot.creationTime !== 'bigint' || snapshot.creationTime < 0n) return 'creationTime must be nanoseconds since the epoch';
  return typeof snapshot.readyToUse === 'boolean' ? undefined : 'readyToUse must be given';
}

/** Source: csi.proto, `VolumeGroupSnapshot`. */
export function groupWrong(group: VolumeGroupSnapshot | undefined): string | undefined {
  if (!group?.groupSnapshotId) return 'groupSnapshotId must not be empty';
  if (!(group.snapshots?.length > 0)) return 'snapshots of a group must have at least one element';
  if (typeof group.creationTime !== 'bigint' || group.creationTime < 0n) return 'creationTime must be nanoseconds since the epoch';
  for (const snapshot of group.snapshots) {
    const wrong = snapshotWrong(snapshot);
    if (wrong !== undefined) return wrong;
    // Left out: it may be deleted by itself.
    if ((snapshot.groupSnapshotId || group.groupSnapshotId) !== group.groupSnapshotId)
      return `snapshot ${snapshot.snapshotId} must name its own group`;
  }
  const ready = group.snapshots.every(({ readyToUse }) => readyToUse);
  return group.readyToUse === ready ? undefined : 'readyToUse of a group must be that of all its snapshots';
}

/** Source: csi.proto, `VolumeUsage`. */
export function usageWrong({ total, unit }: VolumeUsage): string | undefined {
  if (unit !== 'BYTES' && unit !== 'INODES') return `unit must be BYTES or INODES, not ${unit}`;
  return typeof total === 'number' ? undefined : 'total must be given';
}

/** Source: csi.proto, `VolumeCondition`. */
export function conditionWrong(condition: VolumeCondition | undefined): string | undefined {
  if (condition === undefined) return undefined;
  return typeof condition.abnormal === 'boolean' && condition.message ? undefined : 'volumeCondition must have abnormal and message';
}

/** Kinds that a stream of block metadata may have. */
export const blockMetadataTypes: readonly BlockMetadataType[] = ['FIXED_LENGTH', 'VARIABLE_LENGTH'];
