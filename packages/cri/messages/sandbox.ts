// Pod sandboxes: the shared place that a pod's containers run in.

import type { ContainerStatus } from './container.ts';
import type { PodSandboxState, Protocol } from './enums.ts';
import type { LinuxContainerResources } from './resources.ts';
import type { LinuxSandboxSecurityContext, NamespaceOption } from './security.ts';
import type { WindowsPodSandboxConfig } from './windows.ts';

/** Which pod, and which try. Together the fields name a sandbox; the runtime never reads them apart. */
export interface PodSandboxMetadata {
  /** Pod name. */
  readonly name: string;
  /** Pod UID. */
  readonly uid: string;
  /** Pod namespace. */
  readonly namespace: string;
  /** 0 for the pod's first sandbox, one more for each that replaced it. */
  readonly attempt?: number;
}

/** What goes into the pod's resolv.conf. */
export interface DNSConfig {
  /** Addresses of name servers, in order. */
  readonly servers?: readonly string[];
  /** Search domains, in order. */
  readonly searches?: readonly string[];
  /** Resolver options such as `ndots:5`. */
  readonly options?: readonly string[];
}

/** One host port that leads into the pod. */
export interface PortMapping {
  /** Left out: TCP. */
  readonly protocol?: Protocol;
  /** Port inside the pod. */
  readonly containerPort: number;
  /** Port of the node; 0 means none. */
  readonly hostPort?: number;
  /** Address of the node to bind; left out: all. */
  readonly hostIp?: string;
}

/** Linux part of a sandbox's configuration. */
export interface LinuxPodSandboxConfig {
  /** Cgroup that holds the pod: a path with CGROUPFS, a slice name with SYSTEMD. */
  readonly cgroupParent?: string;
  /** Security of the sandbox, and defaults for what its containers share. */
  readonly securityContext?: LinuxSandboxSecurityContext;
  /** Kernel settings of the pod's namespaces. */
  readonly sysctls?: Readonly<Record<string, string>>;
  /** Resources that the RuntimeClass adds. */
  readonly overhead?: LinuxContainerResources;
  /** Sum of the containers' resources at creation. */
  readonly resources?: LinuxContainerResources;
}

/** All that is needed to make a sandbox, and to make it again. */
export interface PodSandboxConfig {
  /** Identity of the sandbox. */
  readonly metadata: PodSandboxMetadata;
  /** Host name in the pod; empty with the host's network. */
  readonly hostname?: string;
  /** Directory on the node of the containers' log files. */
  readonly logDirectory?: string;
  /** Name resolution; left out: as the node's. */
  readonly dnsConfig?: DNSConfig;
  /** Host ports. */
  readonly portMappings?: readonly PortMapping[];
  /** Come back unaltered in status and list, and select. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Come back unaltered; may carry hints for the runtime. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Linux part. */
  readonly linux?: LinuxPodSandboxConfig;
  /** Windows part. */
  readonly windows?: WindowsPodSandboxConfig;
}

/** Asks for a running sandbox. */
export interface RunPodSandboxRequest {
  /** What to make. */
  readonly config: PodSandboxConfig;
  /** Handler to use; empty: the default one; an unknown one is an error. */
  readonly runtimeHandler?: string;
}

/** The sandbox that is now ready. */
export interface RunPodSandboxResponse {
  /** Its id. */
  readonly podSandboxId: string;
}

/** Asks to end what runs in a sandbox and to release its network. */
export interface StopPodSandboxRequest {
  /** The sandbox; an unknown one is no error. */
  readonly podSandboxId: string;
}

/** Nothing to say. */
export type StopPodSandboxResponse = Readonly<Record<never, never>>;

/** Asks to forget a sandbox and its containers. */
export interface RemovePodSandboxRequest {
  /** The sandbox; an unknown one is no error. */
  readonly podSandboxId: string;
}

/** Nothing to say. */
export type RemovePodSandboxResponse = Readonly<Record<never, never>>;

/** Asks for one sandbox. */
export interface PodSandboxStatusRequest {
  /** The sandbox. */
  readonly podSandboxId: string;
  /** Also fill `info`. */
  readonly verbose?: boolean;
}

/** One address. */
export interface PodIP {
  /** IPv4 or IPv6 address without prefix length. */
  readonly ip: string;
}

/** The pod's addresses. */
export interface PodSandboxNetworkStatus {
  /** Main address; empty with the host's network. */
  readonly ip: string;
  /** Further ones, one per other IP family. */
  readonly additionalIps?: readonly PodIP[];
}

/** How a sandbox's namespaces are shared. */
export interface Namespace {
  /** The sharing that was asked for. */
  readonly options?: NamespaceOption;
}

/** Linux part of a sandbox's status. */
export interface LinuxPodSandboxStatus {
  /** Its namespaces. */
  readonly namespaces?: Namespace;
}

/** One sandbox in full. */
export interface PodSandboxStatus {
  /** Its id. */
  readonly id: string;
  /** As configured. */
  readonly metadata: PodSandboxMetadata;
  /** Ready, or not. */
  readonly state: PodSandboxState;
  /** Nanoseconds since the epoch; above 0. */
  readonly createdAt: bigint;
  /** Addresses; left out or empty with the host's network. */
  readonly network?: PodSandboxNetworkStatus;
  /** Linux part. */
  readonly linux?: LinuxPodSandboxStatus;
  /** As configured. */
  readonly labels: Readonly<Record<string, string>>;
  /** As configured. */
  readonly annotations: Readonly<Record<string, string>>;
  /** As requested. */
  readonly runtimeHandler?: string;
}

/** Status of one sandbox. */
export interface PodSandboxStatusResponse {
  /** The sandbox. */
  readonly status: PodSandboxStatus;
  /** Extra information, only when verbose; values are JSON. */
  readonly info?: Readonly<Record<string, string>>;
  /** Its containers, by runtimes that send container events. */
  readonly containersStatuses?: readonly ContainerStatus[];
  /** When the statuses were taken, nanoseconds since the epoch; by runtimes that send container events. */
  readonly timestamp?: bigint;
}

/** A state as a filter value. */
export interface PodSandboxStateValue {
  /** The wanted state. */
  readonly state: PodSandboxState;
}

/** Which sandboxes; all given fields must match. */
export interface PodSandboxFilter {
  /** Id, or an unambiguous beginning of it. */
  readonly id?: string;
  /** State. */
  readonly state?: PodSandboxStateValue;
  /** Labels that must all be there with these values. */
  readonly labelSelector?: Readonly<Record<string, string>>;
}

/** Asks for sandboxes. */
export interface ListPodSandboxRequest {
  /** Which; left out: all. */
  readonly filter?: PodSandboxFilter;
}

/** One sandbox in a list. */
export interface PodSandbox {
  /** Its id. */
  readonly id: string;
  /** As configured. */
  readonly metadata: PodSandboxMetadata;
  /** Ready, or not. */
  readonly state: PodSandboxState;
  /** Nanoseconds since the epoch. */
  readonly createdAt: bigint;
  /** As configured. */
  readonly labels: Readonly<Record<string, string>>;
  /** As configured. */
  readonly annotations: Readonly<Record<string, string>>;
  /** As requested. */
  readonly runtimeHandler?: string;
}

/** The sandboxes that match. */
export interface ListPodSandboxResponse {
  /** The sandboxes. */
  readonly items: readonly PodSandbox[];
}

/** As `ListPodSandboxRequest`, answered in batches. */
export interface StreamPodSandboxesRequest {
  /** Which; left out: all. */
  readonly filter?: PodSandboxFilter;
}

/** One batch of sandboxes. */
export interface StreamPodSandboxesResponse {
  /** At least one sandbox. */
  readonly podSandboxes: readonly PodSandbox[];
}

/** Tells the runtime that the pod's resources changed; best effort. */
export interface UpdatePodSandboxResourcesRequest {
  /** The sandbox. */
  readonly podSandboxId: string;
  /** New overhead. */
  readonly overhead?: LinuxContainerResources;
  /** New sum of the containers' resources. */
  readonly resources?: LinuxContainerResources;
}

/** Nothing to say. */
export type UpdatePodSandboxResourcesResponse = Readonly<Record<never, never>>;
