import type { Host } from '@slipway/host';
import { VolumeError } from '../volume-error.ts';

/** Shows a directory of the node in a pod's directory. Safe to repeat. */
export function bindMount({ files, mounts }: Host, source: string, target: string, readOnly: boolean): void {
  if (mounts.at(target)) return;
  files.makeDirectory(target, { recursive: true });
  mounts.mount(source, target, { type: 'bind', readOnly });
}

/** Takes the mount and its directory away. Safe to repeat. @throws HostError EBUSY */
export function unbind({ files, mounts }: Host, target: string): void {
  if (mounts.at(target)) mounts.unmount(target);
  if (files.exists(target)) files.remove(target);
}

/**
 * A device must not go while it is mounted anywhere else, such as for a pod.
 *
 * @throws VolumeError. Source: `operation_generator.go` GenerateUnmountDeviceFunc, `pkg/volume/util/util.go` HasMountRefs
 */
export function refuseWhileReferred({ mounts }: Host, path: string): void {
  const mount = mounts.at(path);
  if (!mount) return;
  const others = mounts.all().filter(({ disk, root, target }) => disk === mount.disk && root === mount.root && !target.startsWith(path));
  if (others.length === 0) return;
  const places = others.map(({ target }) => target).join(' ');
  throw new VolumeError(`the device mount path "${path}" is still mounted by other references [${places}]`, 'transient');
}
