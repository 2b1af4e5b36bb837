import { minutes, service } from '@slipway/kernel';
import type * as c from './contract.ts';

export const csiIdentity = service<c.CsiIdentity>(
  'csi.v1.Identity',
  { interface: 'csi', deadline: minutes(2) },
  {
    getPluginInfo: {},
    getPluginCapabilities: {},
    probe: {},
  },
);

export const csiController = service<c.CsiController>(
  'csi.v1.Controller',
  { interface: 'csi', deadline: minutes(2) },
  {
    createVolume: { optional: true },
    deleteVolume: { optional: true },
    controllerPublishVolume: { optional: true },
    controllerUnpublishVolume: { optional: true },
    validateVolumeCapabilities: {},
    listVolumes: { optional: true },
    getCapacity: { optional: true },
    controllerGetCapabilities: {},
    createSnapshot: { optional: true },
    deleteSnapshot: { optional: true },
    listSnapshots: { optional: true },
    getSnapshot: { optional: true },
    controllerExpandVolume: { optional: true },
    controllerGetVolume: { optional: true },
    controllerModifyVolume: { optional: true },
  },
);

export const csiGroupController = service<c.CsiGroupController>(
  'csi.v1.GroupController',
  { interface: 'csi', deadline: minutes(2) },
  {
    groupControllerGetCapabilities: {},
    createVolumeGroupSnapshot: { optional: true },
    deleteVolumeGroupSnapshot: { optional: true },
    getVolumeGroupSnapshot: { optional: true },
  },
);

export const csiSnapshotMetadata = service<c.CsiSnapshotMetadata>(
  'csi.v1.SnapshotMetadata',
  { interface: 'csi', deadline: minutes(2) },
  {
    getMetadataAllocated: {},
    getMetadataDelta: {},
  },
);

export const csiNode = service<c.CsiNode>(
  'csi.v1.Node',
  { interface: 'csi', deadline: minutes(2) },
  {
    nodeStageVolume: { optional: true },
    nodeUnstageVolume: { optional: true },
    nodePublishVolume: {},
    nodeUnpublishVolume: {},
    nodeGetVolumeStats: { optional: true },
    nodeExpandVolume: { optional: true },
    nodeGetCapabilities: {},
    nodeGetInfo: {},
  },
);
