import type { Guard } from '@slipway/kernel';
import type * as m from '../messages/index.ts';
import { capabilitiesKnown, guard } from './guards.ts';
import { topologiesWrong } from './names.ts';
import { capabilityWrong, conditionWrong, outsideRange, rangeWrong, usageWrong } from './shapes.ts';

const nodeCapabilities: readonly m.NodeServiceCapabilityRPCType[] = [
  'STAGE_UNSTAGE_VOLUME',
  'GET_VOLUME_STATS',
  'EXPAND_VOLUME',
  'VOLUME_CONDITION',
  'SINGLE_NODE_MULTI_WRITER',
  'VOLUME_MOUNT_GROUP',
];

export const nodeStageVolumeRules: Guard<m.NodeStageVolumeRequest, m.NodeStageVolumeResponse> = guard('NodeStageVolume', {
  required: ['volumeId', 'stagingTargetPath', 'volumeCapability'],
  codes: ['NOT_FOUND', 'ALREADY_EXISTS', 'FAILED_PRECONDITION'],
  rules: { 'capability-legal': { request: ({ volumeCapability }) => capabilityWrong(volumeCapability) } },
});

export const nodeUnstageVolumeRules: Guard<m.NodeUnstageVolumeRequest, m.NodeUnstageVolumeResponse> = guard('NodeUnstageVolume', {
  required: ['volumeId', 'stagingTargetPath'],
  codes: ['NOT_FOUND'],
});

export const nodePublishVolumeRules: Guard<m.NodePublishVolumeRequest, m.NodePublishVolumeResponse> = guard('NodePublishVolume', {
  required: ['volumeId', 'targetPath', 'volumeCapability', 'readonly'],
  codes: ['NOT_FOUND', 'ALREADY_EXISTS', 'FAILED_PRECONDITION'],
  rules: { 'capability-legal': { request: ({ volumeCapability }) => capabilityWrong(volumeCapability) } },
});

export const nodeUnpublishVolumeRules: Guard<m.NodeUnpublishVolumeRequest, m.NodeUnpublishVolumeResponse> = guard('NodeUnpublishVolume', {
  required: ['volumeId', 'targetPath'],
  codes: ['NOT_FOUND'],
});

export const nodeGetVolumeStatsRules: Guard<m.NodeGetVolumeStatsRequest, m.NodeGetVolumeStatsResponse> = guard('NodeGetVolumeStats', {
  required: ['volumeId', 'volumePath'],
  codes: ['NOT_FOUND'],
  rules: {
    'usage-legal': {
      response: (_, { usage = [] }) => usage.map(usageWrong).find((wrong) => wrong !== undefined),
    },
    'condition-legal': { response: (_, { volumeCondition }) => conditionWrong(volumeCondition) },
  },
});

export const nodeExpandVolumeRules: Guard<m.NodeExpandVolumeRequest, m.NodeExpandVolumeResponse> = guard('NodeExpandVolume', {
  required: ['volumeId', 'volumePath'],
  codes: ['INVALID_ARGUMENT', 'NOT_FOUND', 'FAILED_PRECONDITION', 'OUT_OF_RANGE'],
  rules: {
    'range-legal': { request: ({ capacityRange }) => rangeWrong(capacityRange) },
    'capability-legal': { request: ({ volumeCapability }) => volumeCapability && capabilityWrong(volumeCapability) },
    'capacity-reached': {
      response: ({ capacityRange }, { capacityBytes }) => outsideRange(capacityBytes, { requiredBytes: capacityRange?.requiredBytes ?? 0 }),
    },
  },
});

export const nodeGetCapabilitiesRules: Guard<m.NodeGetCapabilitiesRequest, m.NodeGetCapabilitiesResponse> = guard('NodeGetCapabilities', {
  rules: {
    'capabilities-known': {
      response: (_, { capabilities = [] }) =>
        capabilitiesKnown(
          capabilities.map(({ rpc }) => rpc?.type),
          nodeCapabilities,
        ),
    },
  },
});

export const nodeGetInfoRules: Guard<m.NodeGetInfoRequest, m.NodeGetInfoResponse> = guard('NodeGetInfo', {
  answers: ['nodeId'],
  rules: {
    'topology-legal': { response: (_, { accessibleTopology }) => (accessibleTopology ? topologiesWrong([accessibleTopology]) : undefined) },
  },
});
