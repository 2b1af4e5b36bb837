import type { Guard, Stream } from '@slipway/kernel';
import type * as m from '../messages/index.ts';
import { capabilitiesKnown, guard } from './guards.ts';
import { nameWrong, pluginNameWrong } from './names.ts';
import { groupWrong } from './shapes.ts';

const pluginCapabilities: readonly (m.PluginCapabilityServiceType | m.PluginCapabilityVolumeExpansionType)[] = [
  'CONTROLLER_SERVICE',
  'VOLUME_ACCESSIBILITY_CONSTRAINTS',
  'GROUP_CONTROLLER_SERVICE',
  'SNAPSHOT_METADATA_SERVICE',
  'ONLINE',
  'OFFLINE',
];

export const getPluginInfoRules: Guard<m.GetPluginInfoRequest, m.GetPluginInfoResponse> = guard('GetPluginInfo', {
  answers: ['name', 'vendorVersion'],
  rules: { 'name-legal': { response: (_, { name }) => pluginNameWrong(name) } },
});

export const getPluginCapabilitiesRules: Guard<m.GetPluginCapabilitiesRequest, m.GetPluginCapabilitiesResponse> = guard(
  'GetPluginCapabilities',
  {
    rules: {
      'capabilities-known': {
        response: (_, { capabilities = [] }) =>
          capabilitiesKnown(
            capabilities.map((capability) => ('service' in capability ? capability.service.type : capability.volumeExpansion?.type)),
            pluginCapabilities,
          ),
      },
    },
  },
);

export const probeRules: Guard<m.ProbeRequest, m.ProbeResponse> = guard('Probe', { codes: ['FAILED_PRECONDITION'] });

export const groupControllerGetCapabilitiesRules: Guard<m.GroupControllerGetCapabilitiesRequest, m.GroupControllerGetCapabilitiesResponse> =
  guard('GroupControllerGetCapabilities', {
    rules: {
      'capabilities-known': {
        response: (_, { capabilities = [] }) =>
          capabilitiesKnown(
            capabilities.map(({ rpc }) => rpc?.type),
            ['CREATE_DELETE_GET_VOLUME_GROUP_SNAPSHOT'],
          ),
      },
    },
  });

export const createVolumeGroupSnapshotRules: Guard<m.CreateVolumeGroupSnapshotRequest, m.CreateVolumeGroupSnapshotResponse> = guard(
  'CreateVolumeGroupSnapshot',
  {
    required: ['name', 'sourceVolumeIds'],
    answers: ['groupSnapshot'],
    // NOT_FOUND as in CreateSnapshot: the table has no row for a source that is gone.
    codes: ['NOT_FOUND', 'ALREADY_EXISTS', 'FAILED_PRECONDITION', 'RESOURCE_EXHAUSTED'],
    rules: {
      'name-legal': { request: ({ name }) => nameWrong(name) },
      'group-legal': { response: (_, { groupSnapshot }) => groupWrong(groupSnapshot) },
    },
  },
);

export const deleteVolumeGroupSnapshotRules: Guard<m.DeleteVolumeGroupSnapshotRequest, m.DeleteVolumeGroupSnapshotResponse> = guard(
  'DeleteVolumeGroupSnapshot',
  { required: ['groupSnapshotId'], present: ['snapshotIds'], codes: ['INVALID_ARGUMENT', 'FAILED_PRECONDITION'] },
);

export const getVolumeGroupSnapshotRules: Guard<m.GetVolumeGroupSnapshotRequest, m.GetVolumeGroupSnapshotResponse> = guard(
  'GetVolumeGroupSnapshot',
  {
    required: ['groupSnapshotId'],
    present: ['snapshotIds'],
    answers: ['groupSnapshot'],
    codes: ['INVALID_ARGUMENT', 'NOT_FOUND'],
    rules: { 'group-legal': { response: (_, { groupSnapshot }) => groupWrong(groupSnapshot) } },
  },
);

// What a stream says later, a link does not see: `conformance/snapshot-metadata.ts` reads it.

export const getMetadataAllocatedRules: Guard<m.GetMetadataAllocatedRequest, Stream<m.GetMetadataAllocatedResponse>> = requestGuard(
  guard('GetMetadataAllocated', {
    required: ['snapshotId', 'startingOffset'],
    codes: ['INVALID_ARGUMENT', 'NOT_FOUND', 'OUT_OF_RANGE'],
  }),
);

export const getMetadataDeltaRules: Guard<m.GetMetadataDeltaRequest, Stream<m.GetMetadataDeltaResponse>> = requestGuard(
  guard('GetMetadataDelta', {
    required: ['baseSnapshotId', 'targetSnapshotId', 'startingOffset'],
    codes: ['INVALID_ARGUMENT', 'NOT_FOUND', 'FAILED_PRECONDITION', 'OUT_OF_RANGE'],
  }),
);

/** Without the checks of the answer, which is no message but a stream of them. */
function requestGuard<Q, R>({ rules = [], ...rest }: Guard<Q, R>): Guard<Q, R> {
  return { ...rest, rules: rules.map(({ response: _, ...rule }) => rule) };
}
