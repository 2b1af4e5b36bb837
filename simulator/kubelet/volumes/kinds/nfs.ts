import type { Host } from '@slipway/host';
import { messageOf, type Process } from '@slipway/kernel';
import type { UnsimulatedSource } from '@slipway/kube';
import { isExpectedFailure } from '../../failure.ts';
import { volumeDirectory } from '../../runtime/pod-paths.ts';
import { VolumeError } from '../volume-error.ts';
import { specName, type VolumeSpec } from '../volume-spec.ts';
import { unbind } from './bind-mount.ts';
import type { MountedVolume, SetUpRequest, VolumeKind } from './volume-kind.ts';

const sourceOf = ({ volume, persistentVolume }: VolumeSpec): UnsimulatedSource | undefined =>
  persistentVolume ? persistentVolume.spec.nfs : volume?.nfs;

/** A directory of a file server, mounted by each pod for itself. Source: `pkg/volume/nfs`. */
export class Nfs implements VolumeKind {
  readonly name = 'kubernetes.io/nfs';
  readonly takesMountOptions = true;
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  supports(spec: VolumeSpec): boolean {
    return sourceOf(spec) !== undefined;
  }

  path(uid: string, spec: VolumeSpec): string {
    return volumeDirectory(uid, this.name, specName(spec));
  }

  *setUp({ spec, pod }: SetUpRequest): Process {
    const { files, mounts } = this.#host;
    const target = this.path(pod.metadata.uid ?? '', spec);
    if (mounts.at(target)) return;
    const { server, path, readOnly } = sourceOf(spec) ?? {};
    files.makeDirectory(target, { recursive: true });
    try {
      mounts.mount(`${String(server)}:${String(path)}`, target, {
        type: 'nfs',
        readOnly: spec.readOnly || readOnly === true,
        options: spec.persistentVolume?.spec.mountOptions ?? [],
      });
    } catch (error) {
      if (!isExpectedFailure(error)) throw error;
      files.remove(target);
      throw new VolumeError(`mount failed: ${messageOf(error)}`);
    }
  }

  *tearDown({ uid, name }: MountedVolume): Process {
    unbind(this.#host, volumeDirectory(uid, this.name, name));
  }

  restore(_uid: string, name: string): VolumeSpec {
    return { volume: { name, nfs: {} }, readOnly: false };
  }
}
