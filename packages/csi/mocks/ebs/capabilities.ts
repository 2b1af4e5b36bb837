import type { ControllerServiceCapabilityRPCType, NodeServiceCapabilityRPCType, VolumeCapability } from '../../messages/index.ts';

/** Without CLONE_VOLUME, which upstream has: the simulated cloud copies disks by snapshots only. */
export const CONTROLLER: readonly ControllerServiceCapabilityRPCType[] = [
  'CREATE_DELETE_VOLUME',
  'PUBLISH_UNPUBLISH_VOLUME',
  'CREATE_DELETE_SNAPSHOT',
  'LIST_SNAPSHOTS',
  'EXPAND_VOLUME',
  'MODIFY_VOLUME',
];

export const NODE: readonly NodeServiceCapabilityRPCType[] = ['STAGE_UNSTAGE_VOLUME', 'EXPAND_VOLUME', 'GET_VOLUME_STATS'];

/** A disk serves one machine. (Upstream also lets many machines have an io2 disk as a raw device; the simulated cloud does not.) */
export const isSupported = ({ accessMode }: VolumeCapability): boolean => accessMode.mode === 'SINGLE_NODE_WRITER';

/** Upstream's words, and which mode it is that does not go. */
export function unsupported(capabilities: readonly VolumeCapability[]): string | undefined {
  const strange = capabilities.filter((each) => !isSupported(each)).map(({ accessMode }) => accessMode.mode);
  return strange.length === 0
    ? undefined
    : `Volume capabilities not supported: ${strange.join(', ')}. EBS volumes are attached to one node at a time`;
}
