import { minutes, type Scalar, service } from '@slipway/kernel';
import type * as c from './contract.ts';
import { CsiError } from './errors.ts';
import * as methods from './methods.ts';
import * as rules from './rules/index.ts';

// Secrets never get into a summary: summaries name ids, sizes and counts, field by field.

const options = {
  interface: 'csi',
  // The kubelet's (kubernetes, pkg/volume/csi/csi_plugin.go, csiTimeout). Side-cars wait less, and wrap their calls in `timeout`.
  deadline: minutes(2),
  error: (code: ConstructorParameters<typeof CsiError>[0], message: string) => new CsiError(code, message),
};

const facts = ({ rpc, heartbeat }: methods.MethodFacts) => ({ source: rpc, heartbeat: heartbeat ?? false });

const byName = ({ name }: { readonly name: string }): string => name;
const byVolume = ({ volumeId }: { readonly volumeId: string }): string => volumeId;
const bySnapshot = ({ snapshotId }: { readonly snapshotId: string }): string => snapshotId;
const byGroup = ({ groupSnapshotId }: { readonly groupSnapshotId: string }): string => groupSnapshotId;

/** What a call that is about one volume or snapshot says: these fields when it is sent, nothing when it is answered. */
const sent =
  <F extends string>(...fields: readonly F[]) =>
  (request: { readonly [K in F]?: Scalar }, response: unknown): readonly Scalar[] =>
    response === undefined ? fields.map((field) => request[field] ?? '') : [];

/** Descriptor of `CsiIdentity`, for `link`. */
export const csiIdentity = service<c.CsiIdentity>('csi.v1.Identity', options, {
  getPluginInfo: {
    ...facts(methods.identityMethods.getPluginInfo),
    guard: rules.getPluginInfoRules,
    summary: (_, response) => (response ? [response.name, response.vendorVersion] : []),
  },
  getPluginCapabilities: {
    ...facts(methods.identityMethods.getPluginCapabilities),
    guard: rules.getPluginCapabilitiesRules,
    summary: (_, response) =>
      (response?.capabilities ?? []).map((capability) =>
        'service' in capability ? capability.service.type : capability.volumeExpansion.type,
      ),
  },
  probe: {
    ...facts(methods.identityMethods.probe),
    guard: rules.probeRules,
    summary: (_, response) => (response ? [response.ready ?? true] : []),
  },
});

/** Descriptor of `CsiController`, for `link`. */
export const csiController = service<c.CsiController>('csi.v1.Controller', options, {
  createVolume: {
    ...facts(methods.controllerMethods.createVolume),
    guard: rules.createVolumeRules,
    summary: (request, response) =>
      response ? [response.volume.volumeId, response.volume.capacityBytes ?? 0] : [request.name, request.capacityRange?.requiredBytes ?? 0],
    subject: byName,
    optional: true,
  },
  deleteVolume: {
    ...facts(methods.controllerMethods.deleteVolume),
    guard: rules.deleteVolumeRules,
    summary: sent('volumeId'),
    subject: byVolume,
    optional: true,
  },
  controllerPublishVolume: {
    ...facts(methods.controllerMethods.controllerPublishVolume),
    guard: rules.controllerPublishVolumeRules,
    summary: sent('volumeId', 'nodeId'),
    subject: byVolume,
    optional: true,
  },
  controllerUnpublishVolume: {
    ...facts(methods.controllerMethods.controllerUnpublishVolume),
    guard: rules.controllerUnpublishVolumeRules,
    summary: sent('volumeId', 'nodeId'),
    subject: byVolume,
    optional: true,
  },
  validateVolumeCapabilities: {
    ...facts(methods.controllerMethods.validateVolumeCapabilities),
    guard: rules.validateVolumeCapabilitiesRules,
    summary: (request, response) => (response ? [response.confirmed !== undefined] : [request.volumeId]),
    subject: byVolume,
  },
  listVolumes: {
    ...facts(methods.controllerMethods.listVolumes),
    guard: rules.listVolumesRules,
    summary: (_, response) => (response ? [response.entries?.length ?? 0] : []),
    optional: true,
  },
  getCapacity: {
    ...facts(methods.controllerMethods.getCapacity),
    guard: rules.getCapacityRules,
    summary: (_, response) => (response ? [response.availableCapacity] : []),
    optional: true,
  },
  controllerGetCapabilities: {
    ...facts(methods.controllerMethods.controllerGetCapabilities),
    guard: rules.controllerGetCapabilitiesRules,
    summary: (_, response) => (response?.capabilities ?? []).map(({ rpc }) => rpc.type),
  },
  createSnapshot: {
    ...facts(methods.controllerMethods.createSnapshot),
    guard: rules.createSnapshotRules,
    summary: (request, response) =>
      response ? [response.snapshot.snapshotId, response.snapshot.readyToUse] : [request.name, request.sourceVolumeId],
    subject: byName,
    optional: true,
  },
  deleteSnapshot: {
    ...facts(methods.controllerMethods.deleteSnapshot),
    guard: rules.deleteSnapshotRules,
    summary: sent('snapshotId'),
    subject: bySnapshot,
    optional: true,
  },
  listSnapshots: {
    ...facts(methods.controllerMethods.listSnapshots),
    guard: rules.listSnapshotsRules,
    summary: (_, response) => (response ? [response.entries?.length ?? 0] : []),
    optional: true,
  },
  getSnapshot: {
    ...facts(methods.controllerMethods.getSnapshot),
    guard: rules.getSnapshotRules,
    summary: (request, response) => (response ? [response.snapshot.readyToUse] : [request.snapshotId]),
    subject: bySnapshot,
    optional: true,
  },
  controllerExpandVolume: {
    ...facts(methods.controllerMethods.controllerExpandVolume),
    guard: rules.controllerExpandVolumeRules,
    summary: (request, response) =>
      response ? [response.capacityBytes, response.nodeExpansionRequired] : [request.volumeId, request.capacityRange?.requiredBytes ?? 0],
    subject: byVolume,
    optional: true,
  },
  controllerGetVolume: {
    ...facts(methods.controllerMethods.controllerGetVolume),
    guard: rules.controllerGetVolumeRules,
    summary: (request, response) => (response ? [response.status.publishedNodeIds?.length ?? 0] : [request.volumeId]),
    subject: byVolume,
    optional: true,
  },
  controllerModifyVolume: {
    ...facts(methods.controllerMethods.controllerModifyVolume),
    guard: rules.controllerModifyVolumeRules,
    summary: (request, response) => (response ? [] : [request.volumeId, Object.keys(request.mutableParameters ?? {}).length]),
    subject: byVolume,
    optional: true,
  },
});

/** Descriptor of `CsiGroupController`, for `link`. */
export const csiGroupController = service<c.CsiGroupController>('csi.v1.GroupController', options, {
  groupControllerGetCapabilities: {
    ...facts(methods.groupControllerMethods.groupControllerGetCapabilities),
    guard: rules.groupControllerGetCapabilitiesRules,
    summary: (_, response) => (response?.capabilities ?? []).map(({ rpc }) => rpc.type),
  },
  createVolumeGroupSnapshot: {
    ...facts(methods.groupControllerMethods.createVolumeGroupSnapshot),
    guard: rules.createVolumeGroupSnapshotRules,
    summary: (request, response) =>
      response
        ? [response.groupSnapshot.groupSnapshotId, response.groupSnapshot.readyToUse]
        : [request.name, ...(request.sourceVolumeIds ?? [])],
    subject: byName,
    optional: true,
  },
  deleteVolumeGroupSnapshot: {
    ...facts(methods.groupControllerMethods.deleteVolumeGroupSnapshot),
    guard: rules.deleteVolumeGroupSnapshotRules,
    summary: sent('groupSnapshotId'),
    subject: byGroup,
    optional: true,
  },
  getVolumeGroupSnapshot: {
    ...facts(methods.groupControllerMethods.getVolumeGroupSnapshot),
    guard: rules.getVolumeGroupSnapshotRules,
    summary: (request, response) => (response ? [response.groupSnapshot.readyToUse] : [request.groupSnapshotId]),
    subject: byGroup,
    optional: true,
  },
});

/** Descriptor of `CsiSnapshotMetadata`, for `link`. */
export const csiSnapshotMetadata = service<c.CsiSnapshotMetadata>('csi.v1.SnapshotMetadata', options, {
  getMetadataAllocated: {
    ...facts(methods.snapshotMetadataMethods.getMetadataAllocated),
    guard: rules.getMetadataAllocatedRules,
    summary: sent('snapshotId', 'startingOffset'),
    subject: bySnapshot,
  },
  getMetadataDelta: {
    ...facts(methods.snapshotMetadataMethods.getMetadataDelta),
    guard: rules.getMetadataDeltaRules,
    summary: sent('baseSnapshotId', 'targetSnapshotId', 'startingOffset'),
    subject: ({ targetSnapshotId }) => targetSnapshotId,
  },
});

/** Descriptor of `CsiNode`, for `link`. */
export const csiNode = service<c.CsiNode>('csi.v1.Node', options, {
  nodeStageVolume: {
    ...facts(methods.nodeMethods.nodeStageVolume),
    guard: rules.nodeStageVolumeRules,
    summary: sent('volumeId', 'stagingTargetPath'),
    subject: byVolume,
    optional: true,
  },
  nodeUnstageVolume: {
    ...facts(methods.nodeMethods.nodeUnstageVolume),
    guard: rules.nodeUnstageVolumeRules,
    summary: sent('volumeId', 'stagingTargetPath'),
    subject: byVolume,
    optional: true,
  },
  nodePublishVolume: {
    ...facts(methods.nodeMethods.nodePublishVolume),
    guard: rules.nodePublishVolumeRules,
    summary: sent('volumeId', 'targetPath', 'readonly'),
    subject: byVolume,
  },
  nodeUnpublishVolume: {
    ...facts(methods.nodeMethods.nodeUnpublishVolume),
    guard: rules.nodeUnpublishVolumeRules,
    summary: sent('volumeId', 'targetPath'),
    subject: byVolume,
  },
  nodeGetVolumeStats: {
    ...facts(methods.nodeMethods.nodeGetVolumeStats),
    guard: rules.nodeGetVolumeStatsRules,
    summary: (request, response) =>
      response ? (response.usage ?? []).map(({ used = 0 }) => used) : [request.volumeId, request.volumePath],
    subject: byVolume,
    optional: true,
  },
  nodeExpandVolume: {
    ...facts(methods.nodeMethods.nodeExpandVolume),
    guard: rules.nodeExpandVolumeRules,
    summary: (request, response) =>
      response ? [response.capacityBytes ?? 0] : [request.volumeId, request.capacityRange?.requiredBytes ?? 0],
    subject: byVolume,
    optional: true,
  },
  nodeGetCapabilities: {
    ...facts(methods.nodeMethods.nodeGetCapabilities),
    guard: rules.nodeGetCapabilitiesRules,
    summary: (_, response) => (response?.capabilities ?? []).map(({ rpc }) => rpc.type),
  },
  nodeGetInfo: {
    ...facts(methods.nodeMethods.nodeGetInfo),
    guard: rules.nodeGetInfoRules,
    summary: (_, response) => (response ? [response.nodeId, response.maxVolumesPerNode ?? 0] : []),
  },
});
