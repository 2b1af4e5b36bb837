import type { Process } from '@slipway/kernel';
import type { Pod } from '@slipway/kube';
import type { VolumeSpec } from '../volume-spec.ts';

/** What a driver of attached volumes told when it attached one: device names and the like, by its own keys. */
export type PublishContext = Readonly<Record<string, string>>;

/** A pod's wish for a volume. */
export interface SetUpRequest {
  readonly spec: VolumeSpec;
  readonly pod: Pod;
  /** Addresses of the pod as far as they are known. */
  readonly podIPs: readonly string[];
  /** Of volumes that are attached first. */
  readonly publishContext: PublishContext | undefined;
  /** It is in use, and is only brought up to date. */
  readonly again: boolean;
  /** Left by an earlier kubelet, so its state is not known for sure. */
  readonly reconstructed: boolean;
}

/** A volume that a pod has, or may have. */
export interface MountedVolume {
  readonly uid: string;
  /** See `specName`. */
  readonly name: string;
  readonly spec: VolumeSpec;
}

/** A size that a volume is to have on the node. */
export interface ExpandRequest {
  readonly spec: VolumeSpec;
  readonly uid: string;
  readonly bytes: number;
}

/** What the cluster says of a volume. */
export interface VolumeFacts {
  /** Somebody has to attach it to the node first. */
  readonly attachable: boolean;
  /** It is set up again at each sync of its pod. */
  readonly refreshed: boolean;
}

/**
 * One kind of volume. Each step may be repeated; a failure's `Progress` says what is left behind.
 *
 * Source: `pkg/volume/volume.go`, `plugins.go` (VolumePlugin, AttachableVolumePlugin, DeviceMountableVolumePlugin, BlockVolumePlugin).
 */
export interface VolumeKind {
  /** `kubernetes.io/empty-dir`. */
  readonly name: string;
  /** Knows what a volume's mount options mean. */
  readonly takesMountOptions: boolean;
  supports(spec: VolumeSpec): boolean;
  /** Where the pod's containers find it on the node: a directory, or a device in block mode. */
  path(uid: string, spec: VolumeSpec): string;
  /** Names the one device behind the volume of whichever pods; undefined when each pod has a volume of its own. */
  deviceOf?(spec: VolumeSpec): string | undefined;
  /** Its content follows something that changes: it is set up again at each sync of its pod. Left out: it does not. */
  isRefreshed?(spec: VolumeSpec): boolean;
  /** The same and more, for kinds that have to ask for it. */
  inspect?(spec: VolumeSpec): Process<VolumeFacts>;
  /** Learns how it was attached. @throws VolumeError while it is not */
  waitForAttach?(spec: VolumeSpec): Process<PublishContext>;
  /** Makes the device ready for all pods. */
  mountDevice?(spec: VolumeSpec, pod: Pod, publishContext: PublishContext | undefined): Process;
  unmountDevice?(spec: VolumeSpec): Process;
  /** Puts it where the pod's containers find it. */
  setUp(request: SetUpRequest): Process;
  tearDown(volume: MountedVolume): Process;
  /** Gives the volume's file system or device its new size. @returns false when that is not for this kind to do */
  expand?(request: ExpandRequest): Process<boolean>;
  /** What an earlier kubelet mounted under this name, from the node's disk; undefined when that cannot be told. */
  restore(uid: string, name: string, block: boolean): VolumeSpec | undefined;
}
