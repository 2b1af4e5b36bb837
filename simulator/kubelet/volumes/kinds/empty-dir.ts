import type { Host } from '@slipway/host';
import type { Process } from '@slipway/kernel';
import { bytes, type Node, type Pod } from '@slipway/kube';
import { volumeDirectory } from '../../runtime/pod-paths.ts';
import { specName, type VolumeSpec } from '../volume-spec.ts';
import type { MountedVolume, SetUpRequest, VolumeKind } from './volume-kind.ts';

/** A directory that lives as long as its pod; in memory if wanted. Source: `pkg/volume/emptydir`. */
export class EmptyDir implements VolumeKind {
  readonly name = 'kubernetes.io/empty-dir';
  readonly takesMountOptions = false;
  readonly #host: Host;
  readonly #node: () => Node | undefined;

  constructor(host: Host, node: () => Node | undefined) {
    this.#host = host;
    this.#node = node;
  }

  supports({ volume }: VolumeSpec): boolean {
    return volume?.emptyDir !== undefined;
  }

  path(uid: string, spec: VolumeSpec): string {
    return volumeDirectory(uid, this.name, specName(spec));
  }

  *setUp({ spec, pod }: SetUpRequest): Process {
    const { files, mounts } = this.#host;
    const path = this.path(pod.metadata.uid ?? '', spec);
    files.makeDirectory(path, { recursive: true });
    const { medium, sizeLimit } = spec.volume?.emptyDir ?? {};
    if (medium !== 'Memory' || mounts.at(path)) return;
    const capacityBytes = memoryLimit(pod, this.#node(), sizeLimit);
    mounts.mount('tmpfs', path, { type: 'tmpfs', ...(capacityBytes === undefined ? {} : { capacityBytes }) });
  }

  *tearDown({ uid, spec }: MountedVolume): Process {
    const { files, mounts } = this.#host;
    const path = this.path(uid, spec);
    if (mounts.at(path)) mounts.unmount(path);
    files.remove(path, { recursive: true });
  }

  restore(_uid: string, name: string): VolumeSpec {
    return { volume: { name, emptyDir: {} }, readOnly: false };
  }
}

/**
 * How much a volume in memory may hold: what the node has, what the pod may use, what the volume asks for, whichever is least.
 *
 * Source: `pkg/volume/emptydir/empty_dir.go` calculateEmptyDirMemorySize.
 */
function memoryLimit({ spec }: Pod, node: Node | undefined, sizeLimit: string | undefined): number | undefined {
  const limits = spec.containers.map(({ resources }) => resources?.limits?.memory);
  const ofPod = limits.every((limit) => limit !== undefined)
    ? limits.reduce<number>((sum, limit) => sum + bytes(limit ?? '0'), 0)
    : undefined;
  const ofNode = node?.status?.allocatable?.memory;
  const wanted = [ofNode === undefined ? undefined : bytes(ofNode), ofPod, sizeLimit === undefined ? undefined : bytes(sizeLimit)];
  const given = wanted.filter((each): each is number => each !== undefined && each > 0);
  return given.length === 0 ? undefined : Math.min(...given);
}
