import type { CsiNode, NodeServiceCapabilityRPCType, VolumeCapability, VolumeCapabilityAccessModeMode } from '@slipway/csi';
import { type Client, codeOf, type Process } from '@slipway/kernel';
import type { PersistentVolume } from '@slipway/kube';
import { isExpectedFailure, rpcText } from '../../failure.ts';
import { VolumeError } from '../volume-error.ts';

/** Codes after which the work may still be going on. Any other means that it is not. Source: `pkg/volume/csi/csi_client.go` isFinalError. */
const nonFinal: ReadonlySet<string> = new Set(['CANCELLED', 'DEADLINE_EXCEEDED', 'UNAVAILABLE', 'RESOURCE_EXHAUSTED', 'ABORTED']);

/**
 * One call of a driver.
 *
 * @param prefix goes before the driver's words
 * @throws VolumeError, uncertain after a code that is not final
 */
export function* driverCall<T>(call: Process<T>, prefix = ''): Process<T> {
  try {
    return yield* call;
  } catch (error) {
    if (!isExpectedFailure(error)) throw error;
    throw new VolumeError(`${prefix}${rpcText(error)}`, nonFinal.has(codeOf(error)) ? 'uncertain' : 'finished');
  }
}

export type NodeCapabilities = ReadonlySet<NodeServiceCapabilityRPCType>;

/** What the driver can do. Upstream asks before each decision; here once for each step. @throws VolumeError */
export function* nodeCapabilities(client: Client<CsiNode>, prefix = ''): Process<NodeCapabilities> {
  const { capabilities = [] } = yield* driverCall(client.nodeGetCapabilities({}), prefix);
  return new Set(capabilities.map(({ rpc }) => rpc.type));
}

type AccessMode = NonNullable<PersistentVolume['spec']['accessModes']>[number];

const plainModes: Readonly<Record<AccessMode, VolumeCapabilityAccessModeMode>> = {
  ReadWriteOnce: 'SINGLE_NODE_WRITER',
  ReadOnlyMany: 'MULTI_NODE_READER_ONLY',
  ReadWriteMany: 'MULTI_NODE_MULTI_WRITER',
  ReadWriteOncePod: 'SINGLE_NODE_WRITER',
};

/** For drivers that tell one writer on a node from several. */
const finerModes: typeof plainModes = {
  ...plainModes,
  ReadWriteOnce: 'SINGLE_NODE_MULTI_WRITER',
  ReadWriteOncePod: 'SINGLE_NODE_SINGLE_WRITER',
};

/** How a volume is to be used: the first of its access modes counts. Source: `pkg/volume/csi/csi_client.go`. */
export function volumeCapability(
  accessModes: readonly AccessMode[] | undefined,
  capabilities: NodeCapabilities,
  access:
    | { readonly block: true }
    | { readonly fsType?: string | undefined; readonly mountFlags?: readonly string[] | undefined; readonly fsGroup?: number | undefined },
): VolumeCapability {
  const modes = capabilities.has('SINGLE_NODE_MULTI_WRITER') ? finerModes : plainModes;
  const accessMode = { mode: modes[accessModes?.[0] ?? 'ReadWriteOnce'] };
  if ('block' in access) return { block: {}, accessMode };
  const { fsType, mountFlags = [], fsGroup } = access;
  return {
    mount: {
      ...(fsType ? { fsType } : {}),
      ...(mountFlags.length > 0 ? { mountFlags } : {}),
      // Others get their files' group changed afterwards.
      ...(fsGroup !== undefined && capabilities.has('VOLUME_MOUNT_GROUP') ? { volumeMountGroup: String(fsGroup) } : {}),
    },
    accessMode,
  };
}
