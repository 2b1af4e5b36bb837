import type { VolumeKind } from '../kinds/volume-kind.ts';
import type { VolumeSpec } from '../volume-spec.ts';

/** `uncertain`: a call was lost, or an earlier kubelet left it; it must be done or undone once more to be sure. */
export type MountState = 'mounted' | 'uncertain';

/** A volume that a pod has, or may have. */
export interface ActualMount {
  readonly uid: string;
  /** See `specName`. */
  readonly name: string;
  readonly spec: VolumeSpec;
  state: MountState;
  /** Left by an earlier kubelet, and not yet set up by this one. */
  reconstructed: boolean;
  /** It is to be set up again, to bring its content up to date. */
  refresh: boolean;
}

/** A volume that is on the node, or may be. */
export interface ActualVolume {
  readonly name: string;
  readonly kind: VolumeKind;
  spec: VolumeSpec;
  attachable: boolean;
  device: MountState | 'unmounted';
  /** Its device was left by an earlier kubelet, and not yet mounted by this one. */
  reconstructed: boolean;
  /** The size that it has, in bytes, as far as the claim tells. */
  sizeBytes: number | undefined;
  /** Whether it may be made larger: `waiting` until a pod's next sync asks again, `refused` by its driver for good. */
  expansion: 'open' | 'waiting' | 'refused';
  /** By pod uid. */
  readonly mounts: Map<string, ActualMount>;
}

/** What is on the node. Source: `pkg/kubelet/volumemanager/cache/actual_state_of_world.go`. */
export class ActualState {
  readonly #volumes = new Map<string, ActualVolume>();
  readonly #byPod = new Map<string, Set<string>>();

  volume(name: string): ActualVolume | undefined {
    return this.#volumes.get(name);
  }

  volumes(): Iterable<ActualVolume> {
    return this.#volumes.values();
  }

  attach(name: string, kind: VolumeKind, spec: VolumeSpec, attachable: boolean, sizeBytes: number | undefined): ActualVolume {
    const known = this.#volumes.get(name);
    if (known) return known;
    const volume: ActualVolume = {
      name,
      kind,
      spec,
      attachable,
      device: 'unmounted',
      reconstructed: false,
      sizeBytes,
      expansion: 'open',
      mounts: new Map(),
    };
    this.#volumes.set(name, volume);
    return volume;
  }

  /** Nothing of it is left on the node. */
  detach(name: string): void {
    this.#volumes.delete(name);
  }

  setMount(volume: ActualVolume, mount: ActualMount): void {
    volume.mounts.set(mount.uid, mount);
    const names = this.#byPod.get(mount.uid);
    if (names) names.add(volume.name);
    else this.#byPod.set(mount.uid, new Set([volume.name]));
  }

  dropMount(volume: ActualVolume, uid: string): void {
    volume.mounts.delete(uid);
    const names = this.#byPod.get(uid);
    names?.delete(volume.name);
    if (names?.size === 0) this.#byPod.delete(uid);
  }

  /** The pod's mounts, certain or not, by volume. */
  *mountsOf(uid: string): Iterable<readonly [volume: ActualVolume, mount: ActualMount]> {
    for (const name of this.#byPod.get(uid) ?? []) {
      const volume = this.#volumes.get(name);
      const mount = volume?.mounts.get(uid);
      if (volume && mount) yield [volume, mount];
    }
  }

  /** The pod has a volume, or may have. */
  hasMounts(uid: string): boolean {
    return this.#byPod.has(uid);
  }

  isMounted(name: string, uid: string): boolean {
    return this.#volumes.get(name)?.mounts.get(uid)?.state === 'mounted';
  }
}
