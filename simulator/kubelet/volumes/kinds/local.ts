import type { Host } from '@slipway/host';
import type { Process } from '@slipway/kernel';
import { pluginDirectory, volumeDirectory } from '../../runtime/pod-paths.ts';
import { VolumeError } from '../volume-error.ts';
import { isBlock, specName, type VolumeSpec } from '../volume-spec.ts';
import { bindMount, refuseWhileReferred, unbind } from './bind-mount.ts';
import type { MountedVolume, SetUpRequest, VolumeKind } from './volume-kind.ts';

/** A directory or disk of one node as a persistent volume. Source: `pkg/volume/local`. */
export class LocalVolume implements VolumeKind {
  readonly name = 'kubernetes.io/local-volume';
  readonly takesMountOptions = true;
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  supports({ persistentVolume }: VolumeSpec): boolean {
    return persistentVolume?.spec.local !== undefined;
  }

  path(uid: string, spec: VolumeSpec): string {
    return isBlock(spec) ? sourceOf(spec) : volumeDirectory(uid, this.name, specName(spec));
  }

  deviceOf(spec: VolumeSpec): string {
    return specName(spec);
  }

  /** A disk gets its file system mounted once for all pods; a directory is there already. */
  *mountDevice(spec: VolumeSpec): Process {
    const { files, mounts, devices } = this.#host;
    const source = sourceOf(spec);
    const disk = devices.get(source);
    if (isBlock(spec) || !disk) return;
    const path = this.#globalPath(spec);
    if (mounts.at(path)) return;
    files.makeDirectory(path, { recursive: true });
    const { local, mountOptions = [] } = spec.persistentVolume?.spec ?? {};
    const type = local?.fsType ?? 'ext4';
    if (disk.fileSystem === undefined) disk.format(type);
    mounts.mount(source, path, { type, options: mountOptions });
  }

  *unmountDevice(spec: VolumeSpec): Process {
    const path = this.#globalPath(spec);
    refuseWhileReferred(this.#host, path);
    unbind(this.#host, path);
  }

  *setUp({ spec, pod }: SetUpRequest): Process {
    const { files, devices } = this.#host;
    const source = sourceOf(spec);
    if (isBlock(spec)) {
      if (!devices.has(source)) throw new VolumeError(`local: ${source} is not a block device`);
      return;
    }
    const from = devices.has(source) ? this.#globalPath(spec) : source;
    if (!files.exists(from)) throw new VolumeError(`path "${source}" does not exist`);
    bindMount(this.#host, from, this.path(pod.metadata.uid ?? '', spec), spec.readOnly);
  }

  *tearDown({ uid, spec, name }: MountedVolume): Process {
    if (!isBlock(spec)) unbind(this.#host, volumeDirectory(uid, this.name, name));
  }

  restore(_uid: string, name: string): VolumeSpec {
    return {
      persistentVolume: { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name }, spec: { local: { path: '' } } },
      readOnly: false,
    };
  }

  #globalPath(spec: VolumeSpec): string {
    return `${pluginDirectory(this.name)}/mounts/${specName(spec)}`;
  }
}

const sourceOf = ({ persistentVolume }: VolumeSpec): string => persistentVolume?.spec.local?.path ?? '';
