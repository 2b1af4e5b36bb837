import type { Guard } from '@slipway/kernel';
import type * as m from '../messages/index.ts';
import { capabilitiesKnown, guard } from './guards.ts';
import { nameWrong, requirementWrong, topologiesWrong } from './names.ts';
import {
  capabilitiesWrong,
  capabilityWrong,
  conditionWrong,
  outsideRange,
  rangeWrong,
  snapshotWrong,
  sourceId,
  sourceWrong,
  volumeWrong,
} from './shapes.ts';

/** All that there are. */
export const controllerCapabilities: readonly m.ControllerServiceCapabilityRPCType[] = [
  'CREATE_DELETE_VOLUME',
  'PUBLISH_UNPUBLISH_VOLUME',
  'LIST_VOLUMES',
  'GET_CAPACITY',
  'CREATE_DELETE_SNAPSHOT',
  'LIST_SNAPSHOTS',
  'CLONE_VOLUME',
  'PUBLISH_READONLY',
  'EXPAND_VOLUME',
  'LIST_VOLUMES_PUBLISHED_NODES',
  'VOLUME_CONDITION',
  'GET_VOLUME',
  'SINGLE_NODE_MULTI_WRITER',
  'MODIFY_VOLUME',
  'GET_SNAPSHOT',
];

export const createVolumeRules: Guard<m.CreateVolumeRequest, m.CreateVolumeResponse> = guard('CreateVolume', {
  required: ['name', 'volumeCapabilities'],
  answers: ['volume'],
  codes: ['INVALID_ARGUMENT', 'NOT_FOUND', 'ALREADY_EXISTS', 'RESOURCE_EXHAUSTED', 'OUT_OF_RANGE'],
  rules: {
    'name-legal': { request: ({ name }) => nameWrong(name) },
    'capabilities-legal': { request: ({ volumeCapabilities }) => capabilitiesWrong(volumeCapabilities) },
    'range-legal': { request: ({ capacityRange }) => rangeWrong(capacityRange) },
    'source-legal': { request: ({ volumeContentSource }) => sourceWrong(volumeContentSource) },
    'topology-legal': { request: ({ accessibilityRequirements }) => requirementWrong(accessibilityRequirements) },
    'volume-legal': { response: (_, { volume }) => volumeWrong(volume) },
    'capacity-in-range': { response: ({ capacityRange }, { volume }) => outsideRange(volume.capacityBytes, capacityRange) },
    'source-repeated': { response: ({ volumeContentSource }, { volume }) => sourceNotRepeated(volumeContentSource, volume) },
  },
});

function sourceNotRepeated(asked: m.VolumeContentSource | undefined, { contentSource }: m.Volume): string | undefined {
  if (asked === undefined) return undefined;
  const same = contentSource && 'snapshot' in contentSource === 'snapshot' in asked && sourceId(contentSource) === sourceId(asked);
  return same ? undefined : 'contentSource must be that of the request';
}

export const deleteVolumeRules: Guard<m.DeleteVolumeRequest, m.DeleteVolumeResponse> = guard('DeleteVolume', {
  required: ['volumeId'],
  codes: ['FAILED_PRECONDITION'],
});

export const controllerPublishVolumeRules: Guard<m.ControllerPublishVolumeRequest, m.ControllerPublishVolumeResponse> = guard(
  'ControllerPublishVolume',
  {
    required: ['volumeId', 'nodeId', 'volumeCapability', 'readonly'],
    codes: ['NOT_FOUND', 'ALREADY_EXISTS', 'FAILED_PRECONDITION', 'RESOURCE_EXHAUSTED'],
    rules: { 'capability-legal': { request: ({ volumeCapability }) => capabilityWrong(volumeCapability) } },
  },
);

export const controllerUnpublishVolumeRules: Guard<m.ControllerUnpublishVolumeRequest, m.ControllerUnpublishVolumeResponse> = guard(
  'ControllerUnpublishVolume',
  { required: ['volumeId'], codes: ['NOT_FOUND'] },
);

export const validateVolumeCapabilitiesRules: Guard<m.ValidateVolumeCapabilitiesRequest, m.ValidateVolumeCapabilitiesResponse> = guard(
  'ValidateVolumeCapabilities',
  {
    required: ['volumeId', 'volumeCapabilities'],
    codes: ['NOT_FOUND'],
    rules: {
      'capabilities-legal': { request: ({ volumeCapabilities }) => capabilitiesWrong(volumeCapabilities) },
      'confirmed-repeats': {
        response: ({ volumeCapabilities }, { confirmed }) => {
          if (confirmed === undefined) return undefined;
          if (!confirmed.volumeCapabilities?.length) return 'confirmed.volumeCapabilities must be answered';
          const wrong = capabilitiesWrong(confirmed.volumeCapabilities);
          const known = new Set(confirmed.volumeCapabilities.map(useOf));
          const left = volumeCapabilities.some((capability) => !known.has(useOf(capability)));
          return wrong ?? (left ? 'confirmed.volumeCapabilities must repeat those of the request' : undefined);
        },
      },
    },
  },
);

/** The part of a capability that a driver of any age knows. */
const useOf = (capability: m.VolumeCapability): string => `${'block' in capability ? 'block' : 'mount'} ${capability.accessMode.mode}`;

export const listVolumesRules: Guard<m.ListVolumesRequest, m.ListVolumesResponse> = guard('ListVolumes', {
  codes: ['ABORTED'],
  rules: {
    'at-most-max-entries': { response: ({ maxEntries }, { entries }) => tooMany(maxEntries, entries) },
    'entries-legal': {
      response: (_, { entries = [] }) =>
        first(entries, ({ volume, status }) => volumeWrong(volume) ?? conditionWrong(status?.volumeCondition)),
    },
  },
});

export const getCapacityRules: Guard<m.GetCapacityRequest, m.GetCapacityResponse> = guard('GetCapacity', {
  answers: ['availableCapacity'],
  rules: {
    'capabilities-legal': { request: ({ volumeCapabilities }) => capabilitiesWrong(volumeCapabilities) },
    'topology-legal': { request: ({ accessibleTopology }) => (accessibleTopology ? topologiesWrong([accessibleTopology]) : undefined) },
  },
});

export const controllerGetCapabilitiesRules: Guard<m.ControllerGetCapabilitiesRequest, m.ControllerGetCapabilitiesResponse> = guard(
  'ControllerGetCapabilities',
  {
    rules: {
      'capabilities-known': {
        response: (_, { capabilities = [] }) =>
          capabilitiesKnown(
            capabilities.map(({ rpc }) => rpc?.type),
            controllerCapabilities,
          ),
      },
    },
  },
);

export const createSnapshotRules: Guard<m.CreateSnapshotRequest, m.CreateSnapshotResponse> = guard('CreateSnapshot', {
  required: ['sourceVolumeId', 'name'],
  answers: ['snapshot'],
  // The table has no row for a source that is gone; NOT_FOUND is what drivers answer and what says so.
  codes: ['NOT_FOUND', 'ALREADY_EXISTS', 'ABORTED', 'RESOURCE_EXHAUSTED'],
  rules: {
    'name-legal': { request: ({ name }) => nameWrong(name) },
    'snapshot-legal': { response: (_, { snapshot }) => snapshotWrong(snapshot) },
    'source-repeated': {
      response: ({ sourceVolumeId }, { snapshot }) =>
        snapshot.sourceVolumeId === sourceVolumeId ? undefined : 'sourceVolumeId must be that of the request',
    },
  },
});

export const deleteSnapshotRules: Guard<m.DeleteSnapshotRequest, m.DeleteSnapshotResponse> = guard('DeleteSnapshot', {
  required: ['snapshotId'],
  codes: ['INVALID_ARGUMENT', 'FAILED_PRECONDITION', 'ABORTED'],
});

export const listSnapshotsRules: Guard<m.ListSnapshotsRequest, m.ListSnapshotsResponse> = guard('ListSnapshots', {
  codes: ['ABORTED'],
  rules: {
    'at-most-max-entries': { response: ({ maxEntries }, { entries }) => tooMany(maxEntries, entries) },
    'entries-legal': { response: (_, { entries = [] }) => first(entries, ({ snapshot }) => snapshotWrong(snapshot)) },
    'entries-match': {
      response: ({ sourceVolumeId, snapshotId }, { entries = [] }) =>
        first(entries, ({ snapshot }) => {
          if (sourceVolumeId && snapshot?.sourceVolumeId !== sourceVolumeId) return `every snapshot must be of volume ${sourceVolumeId}`;
          return snapshotId && snapshot?.snapshotId !== snapshotId ? `only snapshot ${snapshotId} was asked for` : undefined;
        }),
    },
  },
});

export const getSnapshotRules: Guard<m.GetSnapshotRequest, m.GetSnapshotResponse> = guard('GetSnapshot', {
  required: ['snapshotId'],
  answers: ['snapshot'],
  codes: ['NOT_FOUND'],
  rules: { 'snapshot-legal': { response: (_, { snapshot }) => snapshotWrong(snapshot) } },
});

export const controllerExpandVolumeRules: Guard<m.ControllerExpandVolumeRequest, m.ControllerExpandVolumeResponse> = guard(
  'ControllerExpandVolume',
  {
    required: ['volumeId', 'capacityRange'],
    answers: ['capacityBytes', 'nodeExpansionRequired'],
    codes: ['INVALID_ARGUMENT', 'NOT_FOUND', 'FAILED_PRECONDITION', 'OUT_OF_RANGE'],
    rules: {
      'range-legal': { request: ({ capacityRange }) => rangeWrong(capacityRange) },
      'capability-legal': { request: ({ volumeCapability }) => volumeCapability && capabilityWrong(volumeCapability) },
      // A volume that was larger before stays so, whatever the limit.
      'capacity-reached': {
        response: ({ capacityRange: { requiredBytes = 0 } }, { capacityBytes }) => outsideRange(capacityBytes, { requiredBytes }),
      },
    },
  },
);

export const controllerGetVolumeRules: Guard<m.ControllerGetVolumeRequest, m.ControllerGetVolumeResponse> = guard('ControllerGetVolume', {
  required: ['volumeId'],
  answers: ['volume', 'status'],
  codes: ['NOT_FOUND'],
  rules: {
    'volume-legal': { response: (_, { volume }) => volumeWrong(volume) },
    'condition-legal': { response: (_, { status }) => conditionWrong(status.volumeCondition) },
  },
});

export const controllerModifyVolumeRules: Guard<m.ControllerModifyVolumeRequest, m.ControllerModifyVolumeResponse> = guard(
  'ControllerModifyVolume',
  { required: ['volumeId'], present: ['mutableParameters'], codes: ['INVALID_ARGUMENT', 'NOT_FOUND'] },
);

function tooMany(maxEntries: number | undefined, entries: readonly unknown[] | undefined): string | undefined {
  const count = entries?.length ?? 0;
  return maxEntries && count > maxEntries ? `at most ${maxEntries} entries were asked for, not ${count}` : undefined;
}

function first<T>(items: readonly T[], wrong: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = wrong(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
