import { type FileSystem, folderOf, type Host } from '@slipway/host';

/** What the kubelet writes beside a volume, so that a later one can take it away. Source: `pkg/volume/csi/csi_util.go`, `csi_mounter.go`. */
export interface VolumeData {
  readonly volumeHandle: string;
  readonly driverName: string;
  /** Of the persistent volume, or of the pod's volume inline. */
  readonly specVolID?: string;
  readonly nodeName?: string;
  readonly attachmentID?: string;
  readonly volumeLifecycleMode?: 'Persistent' | 'Ephemeral';
}

const fileName = 'vol_data.json';

export function saveVolumeData(files: FileSystem, folder: string, data: VolumeData): void {
  // Go writes a map in the order of its keys.
  const sorted = Object.fromEntries(Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1)));
  files.write(`${folder}/${fileName}`, `${JSON.stringify(sorted)}\n`, { parents: true });
}

/** @returns undefined when nothing was written, or nothing that can be read */
export function loadVolumeData(files: FileSystem, folder: string): VolumeData | undefined {
  const path = `${folder}/${fileName}`;
  if (!files.exists(path)) return undefined;
  let data: unknown;
  try {
    data = JSON.parse(files.readText(path));
  } catch {
    // Whatever wrote this was no kubelet: it is as good as nothing.
    return undefined;
  }
  const { volumeHandle, driverName } = data as Partial<VolumeData>;
  return volumeHandle === undefined || driverName === undefined ? undefined : (data as VolumeData);
}

/**
 * Removes what is kept of a volume, unless something is still mounted there.
 *
 * @param path where the volume was mounted; its folder goes too. @throws HostError ENOTEMPTY when a driver left files behind
 */
export function removeMountDirectory({ files, mounts }: Host, path: string): void {
  if (mounts.at(path)) return;
  const folder = folderOf(path);
  if (files.exists(path)) files.remove(path);
  if (files.exists(`${folder}/${fileName}`)) files.remove(`${folder}/${fileName}`);
  if (files.exists(folder)) files.remove(folder);
}
