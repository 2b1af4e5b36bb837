import type { Micros } from '@slipway/kernel';
import type { CriError } from '../../errors.ts';
import type { CgroupDriver, ContainerMetadata, PodSandboxMetadata } from '../../messages/index.ts';

/** How a runtime's log files look, beyond the format that CRI fixes. */
export interface LogStyle {
  /** Longer lines are cut: all parts but the last are tagged `P`. */
  readonly maxLineLength: number;
  /** @param unixMicros time since 1970 */
  timestamp(unixMicros: number): string;
}

/** What a pull that failed was about. */
export interface PullFailure {
  /** As the caller named the image. */
  readonly given: string;
  /** The full name, `docker.io/library/nginx:1.25`. */
  readonly full: string;
  /** `docker.io/library/nginx` and `1.25` or a digest. */
  readonly repository: string;
  readonly tagOrDigest: string;
  readonly registry: string;
  /** `notFound`: no such repository or manifest; `denied`: credentials; `unreachable`: no answer; `noPlatform`: none for this machine; `corrupt`: a digest does not hold; `noSpace`; `other`. */
  readonly cause: 'notFound' | 'denied' | 'unreachable' | 'noPlatform' | 'corrupt' | 'noSpace' | 'other';
  readonly detail: string;
}

/** The words of one runtime. Each is what a kubelet shows in an event, so they are the runtime's own. */
export interface Words {
  unknownHandler(handler: string, known: readonly string[]): CriError;
  sandboxNameTaken(name: string, id: string, holder: string): CriError;
  containerNameTaken(name: string, id: string, holder: string): CriError;
  networkSetUp(id: string, name: string, metadata: PodSandboxMetadata, network: string, detail: string): CriError;
  networkTearDown(id: string, name: string, metadata: PodSandboxMetadata, network: string, detail: string): CriError;
  noPodAddress(id: string, name: string): CriError;
  sandboxImage(id: string, image: string, detail: string): CriError;
  sandboxStart(id: string, detail: string): CriError;
  noSandboxForContainer(sandboxId: string): CriError;
  sandboxNotReady(sandboxId: string): CriError;
  noSandbox(id: string): CriError;
  noContainer(id: string): CriError;
  imageNotPresent(image: string): CriError;
  ociCreate(id: string, detail: string): CriError;
  ociStart(id: string, detail: string): CriError;
  notCreated(id: string, state: string): CriError;
  notRunning(id: string, state: string): CriError;
  execFailed(id: string, detail: string): CriError;
  execTimedOut(command: readonly string[], seconds: number): CriError;
  pull(failure: PullFailure): CriError;
  imageInUse(image: string, containerId: string): CriError;
  networkNotReady(detail: string): string;
}

/** Where containerd and CRI-O differ. What they share is in the files beside this one. */
export interface Flavour {
  readonly runtimeName: string;
  readonly runtimeVersion: string;
  /** `io.kubernetes.cri.` or `io.kubernetes.cri-o.`; annotations of the OCI bundle. */
  readonly annotations: {
    readonly containerType: string;
    readonly containerName: string;
    readonly sandboxId: string;
    readonly sandboxName: string;
    readonly sandboxNamespace: string;
    readonly sandboxUid: string;
  };
  /** Folder of records and images on the disk; outlives power. */
  readonly root: string;
  /** Folder of bundles; in memory. */
  readonly bundles: string;
  /** Where image layers live, as `imageFsInfo` names it. */
  readonly imageMountpoint: string;
  readonly writableMountpoint: string;
  readonly cgroupDriver: CgroupDriver;
  readonly handlers: readonly string[];
  readonly pauseImage: string;
  /** False: a sandbox has no process of its own unless its containers share a pid namespace. */
  readonly alwaysPause: boolean;
  /** CRI-O looks for the pause image before it makes the network, containerd after. */
  readonly imageBeforeNetwork: boolean;
  /** CRI-O runs the OCI runtime's `create` in CreateContainer, containerd in StartContainer. */
  readonly ociCreateAt: 'create' | 'start';
  /** Each StopPodSandbox repeats the CNI DEL (with an empty namespace path once that is gone); else once it worked it is not called again. */
  readonly repeatsNetworkDel: boolean;
  /** Has the plugins CHECK what they made when the daemon comes up again. */
  readonly checksNetwork: boolean;
  /** Grace that StopPodSandbox gives containers that still run. */
  readonly sandboxStopGrace: Micros;
  /** A created container that is stopped becomes exited; else it stays as it is. */
  readonly stopsCreated: boolean;
  /** An image that a container uses cannot be removed. */
  readonly guardsUsedImages: boolean;
  readonly log: LogStyle;
  readonly words: Words;
  /** An image id as CRI shows it, from the digest of the configuration. */
  imageId(digest: string): string;
  /** @param suffix 32 hex digits */
  netnsPath(suffix: string): string;
  sandboxName(metadata: PodSandboxMetadata): string;
  containerName(pod: PodSandboxMetadata, container: ContainerMetadata): string;
  cgroupPath(parent: string, id: string): string;
  /** The full name that a name stands for. @throws CriError when it stands for none or for too many. */
  fullImageName(name: string): string;
  /** Extra conditions of `status`. */
  readonly conditions: readonly { readonly type: string; readonly status: boolean; readonly reason?: string; readonly message?: string }[];
}
