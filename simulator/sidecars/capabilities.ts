import type { VolumeCapability, VolumeCapabilityAccessModeMode } from '@slipway/csi';
import type { AccessMode } from '@slipway/kube';

// How Kubernetes' way of using a volume is said in CSI. Source: kubernetes-csi/csi-lib-utils `accessmodes/access_modes.go`.

/** Access modes that cannot be said. */
export class AccessModeError extends Error {
  readonly code = 'ACCESS_MODES';
}

/**
 * @param multiWriter the driver tells one pod on a node from several (SINGLE_NODE_MULTI_WRITER)
 * @throws AccessModeError
 */
export function csiAccessMode(modes: readonly AccessMode[], multiWriter: boolean): VolumeCapabilityAccessModeMode {
  if (modes.includes('ReadWriteOncePod')) {
    if (new Set(modes).size > 1)
      throw new AccessModeError('Kubernetes does not support use of ReadWriteOncePod with other access modes on the same PersistentVolume');
    return multiWriter ? 'SINGLE_NODE_SINGLE_WRITER' : 'SINGLE_NODE_WRITER';
  }
  if (modes.includes('ReadWriteMany')) return 'MULTI_NODE_MULTI_WRITER';
  if (modes.includes('ReadOnlyMany')) {
    if (modes.includes('ReadWriteOnce'))
      throw new AccessModeError('CSI does not support ReadOnlyMany and ReadWriteOnce on the same PersistentVolume');
    return 'MULTI_NODE_READER_ONLY';
  }
  if (modes.includes('ReadWriteOnce')) return multiWriter ? 'SINGLE_NODE_MULTI_WRITER' : 'SINGLE_NODE_WRITER';
  throw new AccessModeError(`unsupported AccessMode combination: [${modes.join(' ')}]`);
}

/** How a volume is used, as far as objects say. */
export interface Usage {
  readonly block: boolean;
  readonly fsType?: string | undefined;
  readonly mountFlags?: readonly string[] | undefined;
  readonly modes: readonly AccessMode[];
  readonly multiWriter: boolean;
}

/** @throws AccessModeError */
export function volumeCapability({ block, fsType = '', mountFlags = [], modes, multiWriter }: Usage): VolumeCapability {
  const accessMode = { mode: csiAccessMode(modes, multiWriter) };
  if (block) return { block: {}, accessMode };
  return { mount: { ...(fsType === '' ? {} : { fsType }), ...(mountFlags.length === 0 ? {} : { mountFlags }) }, accessMode };
}
