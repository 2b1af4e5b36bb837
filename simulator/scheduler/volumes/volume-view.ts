import type {
  CSIDriver,
  CSINode,
  CSIStorageCapacity,
  PersistentVolume,
  PersistentVolumeClaim,
  StorageClass,
  Stored,
  VolumeAttachment,
} from '@slipway/kube';

/** Storage as a scheduling cycle sees it: the API's objects, and this scheduler's assumptions before the API has them. */
export interface VolumeView {
  /** @param key `namespace/name` */
  claim(key: string): Stored<PersistentVolumeClaim> | undefined;
  volume(name: string): Stored<PersistentVolume> | undefined;
  /** Volumes that a claim may be matched with: the free ones of the class, and those of the class that name the claim. No order. */
  candidates(className: string, claimKey: string): readonly Stored<PersistentVolume>[];
  storageClass(name: string): StorageClass | undefined;
  csiDriver(name: string): CSIDriver | undefined;
  csiNode(nodeName: string): CSINode | undefined;
  /** Free space of a class, one entry a topology. */
  capacities(className: string): readonly CSIStorageCapacity[];
  attachments(nodeName: string): readonly VolumeAttachment[];
}
