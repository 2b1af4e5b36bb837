// Containers: configuration, life, list and status.

import type { ContainerState, MountPropagation, Signal } from './enums.ts';
import type { ImageSpec } from './image.ts';
import type { ContainerResources, LinuxContainerResources } from './resources.ts';
import type { PodSandboxConfig } from './sandbox.ts';
import type { IDMapping, LinuxContainerSecurityContext } from './security.ts';
import type { WindowsContainerConfig } from './windows.ts';

/** Which container of the pod, and which try. Unique within a sandbox. */
export interface ContainerMetadata {
  /** Container name. */
  readonly name: string;
  /** 0 for the first instance, one more for each restart. */
  readonly attempt?: number;
}

/** One environment variable. */
export interface KeyValue {
  /** Name. */
  readonly key: string;
  /** Value, bytes as they are. */
  readonly value: Uint8Array;
}

/** Something of the node that is seen in a container. */
export interface Mount {
  /** Absolute path in the container. */
  readonly containerPath: string;
  /** Path on the node; left out when `image` is given. */
  readonly hostPath?: string;
  /** Cannot be written. */
  readonly readonly?: boolean;
  /** The runtime labels the files for the container. */
  readonly selinuxRelabel?: boolean;
  /** Whether mounts made later pass between node and container; left out: PROPAGATION_PRIVATE. */
  readonly propagation?: MountPropagation;
  /** User ids of an idmapped mount. */
  readonly uidMappings?: readonly IDMapping[];
  /** Group ids of an idmapped mount. */
  readonly gidMappings?: readonly IDMapping[];
  /** Mounts below are read-only too; needs `readonly` and PROPAGATION_PRIVATE. */
  readonly recursiveReadOnly?: boolean;
  /** Mounts this image's files instead of a host path. */
  readonly image?: ImageSpec;
  /** Directory within the image. */
  readonly imageSubPath?: string;
}

/** A device of the node. */
export interface Device {
  /** Path in the container. */
  readonly containerPath: string;
  /** Path on the node. */
  readonly hostPath: string;
  /** Letters of `rwm`: read, write, make nodes. */
  readonly permissions: string;
}

/** A device by its Container Device Interface name. */
export interface CDIDevice {
  /** Fully qualified: `vendor.com/class=device`. */
  readonly name: string;
}

/** Linux part of a container's configuration. */
export interface LinuxContainerConfig {
  /** Limits. */
  readonly resources?: LinuxContainerResources;
  /** Security. */
  readonly securityContext?: LinuxContainerSecurityContext;
}

/** All that is needed to make a container. */
export interface ContainerConfig {
  /** Identity within the sandbox. */
  readonly metadata: ContainerMetadata;
  /** The image to run, which must be on the node already. */
  readonly image: ImageSpec;
  /** Entry point; left out: the image's. */
  readonly command?: readonly string[];
  /** Arguments; left out (with `command` too): the image's. */
  readonly args?: readonly string[];
  /** Left out: the image's. */
  readonly workingDir?: string;
  /** Environment, later entries win. */
  readonly envs?: readonly KeyValue[];
  /** What is mounted. */
  readonly mounts?: readonly Mount[];
  /** What devices are passed in. */
  readonly devices?: readonly Device[];
  /** Come back unaltered in status and list, and select. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Come back unaltered; may carry hints for the runtime. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Log file, relative to the sandbox's `logDirectory`. */
  readonly logPath?: string;
  /** Keep standard input open. */
  readonly stdin?: boolean;
  /** Close standard input after the first attach. */
  readonly stdinOnce?: boolean;
  /** Give it a terminal; standard error then goes to standard output. */
  readonly tty?: boolean;
  /** Linux part. */
  readonly linux?: LinuxContainerConfig;
  /** Windows part. */
  readonly windows?: WindowsContainerConfig;
  /** Devices by CDI name. */
  readonly CDIDevices?: readonly CDIDevice[];
  /** Signal that asks it to end; left out or RUNTIME_DEFAULT: the image's, else SIGTERM. */
  readonly stopSignal?: Signal;
}

/** Asks for a container that is not yet started. */
export interface CreateContainerRequest {
  /** Sandbox to make it in; it must be ready. */
  readonly podSandboxId: string;
  /** What to make. */
  readonly config: ContainerConfig;
  /** The sandbox's configuration, unchanged since `runPodSandbox`. */
  readonly sandboxConfig: PodSandboxConfig;
}

/** The container. */
export interface CreateContainerResponse {
  /** Its id. */
  readonly containerId: string;
}

/** Asks to start a created container. */
export interface StartContainerRequest {
  /** The container. */
  readonly containerId: string;
}

/** Nothing to say: it was started. */
export type StartContainerResponse = Readonly<Record<never, never>>;

/** Asks to end a container. */
export interface StopContainerRequest {
  /** The container; an unknown one is no error. */
  readonly containerId: string;
  /** Seconds between the stop signal and SIGKILL; 0: SIGKILL at once. */
  readonly timeout?: number;
}

/** Nothing to say: it has ended. */
export type StopContainerResponse = Readonly<Record<never, never>>;

/** Asks to forget a container, ending it first if it runs. */
export interface RemoveContainerRequest {
  /** The container; an unknown one is no error. */
  readonly containerId: string;
}

/** Nothing to say. */
export type RemoveContainerResponse = Readonly<Record<never, never>>;

/** A state as a filter value. */
export interface ContainerStateValue {
  /** The wanted state. */
  readonly state: ContainerState;
}

/** Which containers; all given fields must match. */
export interface ContainerFilter {
  /** Id, or an unambiguous beginning of it. */
  readonly id?: string;
  /** State. */
  readonly state?: ContainerStateValue;
  /** Containers of this sandbox. */
  readonly podSandboxId?: string;
  /** Labels that must all be there with these values. */
  readonly labelSelector?: Readonly<Record<string, string>>;
}

/** Asks for containers. */
export interface ListContainersRequest {
  /** Which; left out: all. */
  readonly filter?: ContainerFilter;
}

/** One container in a list. */
export interface Container {
  /** Its id. */
  readonly id: string;
  /** Its sandbox. */
  readonly podSandboxId: string;
  /** As configured. */
  readonly metadata: ContainerMetadata;
  /** As configured. */
  readonly image: ImageSpec;
  /** The image that it runs, normally by digest. */
  readonly imageRef: string;
  /** Where it is in its life. */
  readonly state: ContainerState;
  /** Nanoseconds since the epoch. */
  readonly createdAt: bigint;
  /** As configured. */
  readonly labels: Readonly<Record<string, string>>;
  /** As configured. */
  readonly annotations: Readonly<Record<string, string>>;
  /** Id of the image on the node; equals `PullImageResponse.imageRef`. */
  readonly imageId?: string;
}

/** The containers that match. */
export interface ListContainersResponse {
  /** The containers. */
  readonly containers: readonly Container[];
}

/** As `ListContainersRequest`, answered in batches. */
export interface StreamContainersRequest {
  /** Which; left out: all. */
  readonly filter?: ContainerFilter;
}

/** One batch of containers. */
export interface StreamContainersResponse {
  /** At least one container. */
  readonly containers: readonly Container[];
}

/** Asks for one container. */
export interface ContainerStatusRequest {
  /** The container. */
  readonly containerId: string;
  /** Also fill `info`. */
  readonly verbose?: boolean;
}

/** The ids that the first process really has. */
export interface LinuxContainerUser {
  /** User id. */
  readonly uid: number;
  /** Group id. */
  readonly gid: number;
  /** Further group ids. */
  readonly supplementalGroups?: readonly number[];
}

/** Identity of a container's first process. */
export interface ContainerUser {
  /** On Linux. */
  readonly linux?: LinuxContainerUser;
}

/** One container in full. */
export interface ContainerStatus {
  /** Its id. */
  readonly id: string;
  /** As configured. */
  readonly metadata: ContainerMetadata;
  /** Where it is in its life. */
  readonly state: ContainerState;
  /** Nanoseconds since the epoch. */
  readonly createdAt: bigint;
  /** Nanoseconds since the epoch; 0 until it was started. */
  readonly startedAt: bigint;
  /** Nanoseconds since the epoch; 0 until it has ended. */
  readonly finishedAt: bigint;
  /** Exit code of the first process; means something once `finishedAt` is set. */
  readonly exitCode: number;
  /** As configured. */
  readonly image: ImageSpec;
  /** The image that it runs, normally by digest. */
  readonly imageRef: string;
  /** One CamelCase word why it is in this state: `Completed`, `Error`, `OOMKilled`, `StartError`, `Unknown`. */
  readonly reason?: string;
  /** The same for people. */
  readonly message?: string;
  /** As configured. */
  readonly labels: Readonly<Record<string, string>>;
  /** As configured. */
  readonly annotations: Readonly<Record<string, string>>;
  /** As configured. */
  readonly mounts: readonly Mount[];
  /** Absolute path of its log file on the node. */
  readonly logPath?: string;
  /** Limits it has now. */
  readonly resources?: ContainerResources;
  /** Id of the image on the node. */
  readonly imageId?: string;
  /** Ids of its first process. */
  readonly user?: ContainerUser;
  /** Signal that `stopContainer` sends. */
  readonly stopSignal?: Signal;
}

/** Status of one container. */
export interface ContainerStatusResponse {
  /** The container. */
  readonly status: ContainerStatus;
  /** Extra information, only when verbose; values are JSON. */
  readonly info?: Readonly<Record<string, string>>;
}

/** Asks to open the log file anew, after a rotation moved it away. */
export interface ReopenContainerLogRequest {
  /** The container. */
  readonly containerId: string;
}

/** Nothing to say. */
export type ReopenContainerLogResponse = Readonly<Record<never, never>>;

/** Asks to write a running container's state into an archive. */
export interface CheckpointContainerRequest {
  /** The container. */
  readonly containerId: string;
  /** Absolute path of the archive; left out: next to the kubelet's other checkpoints. */
  readonly location?: string;
  /** Seconds; 0: the runtime's own limit. */
  readonly timeout?: number;
}

/** Nothing to say. */
export type CheckpointContainerResponse = Readonly<Record<never, never>>;
