import type { PersistentVolume } from '@slipway/kube';
import { digestOf, encode } from '@slipway/oci';

// Names of volumes and of the objects that attach them. Source: `pkg/volume/util/util.go` GetUniqueVolumeName, `pkg/volume/csi/csi_attacher.go`.

/** A volume as the storage system knows it. */
export interface VolumeIdentity {
  readonly driver: string;
  readonly handle: string;
}

const PREFIX = 'kubernetes.io/csi/';

/** The name under which nodes report a volume in `volumesInUse` and are told of it in `volumesAttached`. */
export const uniqueVolumeName = ({ driver, handle }: VolumeIdentity): string => `${PREFIX}${driver}^${handle}`;

/** Undefined for a volume of another kind than CSI. */
export function parseUniqueName(name: string): VolumeIdentity | undefined {
  const at = name.indexOf('^');
  if (!name.startsWith(PREFIX) || at < 0) return undefined;
  return { driver: name.slice(PREFIX.length, at), handle: name.slice(at + 1) };
}

/** The unique name of a volume; undefined when it is of no CSI driver. */
export function uniqueNameOf({ spec: { csi } }: Pick<PersistentVolume, 'spec'>): string | undefined {
  return csi ? uniqueVolumeName({ driver: csi.driver, handle: csi.volumeHandle }) : undefined;
}

/** Name of the VolumeAttachment of a volume and a node. */
export function attachmentName({ driver, handle }: VolumeIdentity, node: string): string {
  return `csi-${digestOf(encode(handle + driver + node)).slice('sha256:'.length)}`;
}
