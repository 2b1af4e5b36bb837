// Windows parts. Slipway's runtimes run Linux; the types are here because the contract has them.

import type { NamespaceMode } from './enums.ts';
import type { FilesystemIdentifier } from './image.ts';
import type { UInt64Value } from './security.ts';
import type { ContainerAttributes } from './stats.ts';

/** Shared namespaces on Windows. */
export interface WindowsNamespaceOption {
  /** POD or NODE. */
  readonly network?: NamespaceMode;
}

/** Security of a sandbox on Windows. */
export interface WindowsSandboxSecurityContext {
  /** User by name. */
  readonly runAsUsername?: string;
  /** Group managed service account. */
  readonly credentialSpec?: string;
  /** Containers run as processes of the host. */
  readonly hostProcess?: boolean;
  /** Shared namespaces. */
  readonly namespaceOptions?: WindowsNamespaceOption;
}

/** Windows part of a sandbox's configuration. */
export interface WindowsPodSandboxConfig {
  /** Security. */
  readonly securityContext?: WindowsSandboxSecurityContext;
}

/** Security of a container on Windows. */
export interface WindowsContainerSecurityContext {
  /** User by name. */
  readonly runAsUsername?: string;
  /** Group managed service account. */
  readonly credentialSpec?: string;
  /** It runs as a process of the host; must agree with the sandbox. */
  readonly hostProcess?: boolean;
}

/** Windows part of a container's configuration. */
export interface WindowsContainerConfig {
  /** Limits. */
  readonly resources?: WindowsContainerResources;
  /** Security. */
  readonly securityContext?: WindowsContainerSecurityContext;
}

/** Limits on Windows; 0 or left out means not given. */
export interface WindowsContainerResources {
  /** Relative weight. */
  readonly cpuShares?: number;
  /** How many CPUs. */
  readonly cpuCount?: number;
  /** Share of processor time in hundredths of a percent. */
  readonly cpuMaximum?: number;
  /** Memory limit in bytes. */
  readonly memoryLimitInBytes?: number;
  /** Size of the root file system in bytes. */
  readonly rootfsSizeInBytes?: number;
  /** CPUs it may run on. */
  readonly affinityCpus?: readonly WindowsCpuGroupAffinity[];
}

/** CPUs of one processor group. */
export interface WindowsCpuGroupAffinity {
  /** Bit per CPU. */
  readonly cpuMask: number;
  /** The group. */
  readonly cpuGroup: number;
}

/** Usage of one sandbox on Windows. */
export interface WindowsPodSandboxStats {
  /** All of the pod. */
  readonly cpu?: WindowsCpuUsage;
  /** All of the pod. */
  readonly memory?: WindowsMemoryUsage;
  /** The pod's interfaces. */
  readonly network?: WindowsNetworkUsage;
  /** All of the pod. */
  readonly process?: WindowsProcessUsage;
  /** Each container. */
  readonly containers: readonly WindowsContainerStats[];
}

/** Usage of one container on Windows. */
export interface WindowsContainerStats {
  /** Which container. */
  readonly attributes: ContainerAttributes;
  /** Processor time. */
  readonly cpu?: WindowsCpuUsage;
  /** Memory. */
  readonly memory?: WindowsMemoryUsage;
  /** What it wrote over its image. */
  readonly writableLayer?: WindowsFilesystemUsage;
}

/** Traffic of a pod on Windows. */
export interface WindowsNetworkUsage {
  /** When it was measured, nanoseconds since the epoch. */
  readonly timestamp: bigint;
  /** Interface of the pod's main address. */
  readonly defaultInterface?: WindowsNetworkInterfaceUsage;
  /** The others. */
  readonly interfaces?: readonly WindowsNetworkInterfaceUsage[];
}

/** Traffic of one interface on Windows. */
export interface WindowsNetworkInterfaceUsage {
  /** Interface name. */
  readonly name: string;
  /** Bytes received. */
  readonly rxBytes?: UInt64Value;
  /** Packets dropped while receiving. */
  readonly rxPacketsDropped?: UInt64Value;
  /** Bytes sent. */
  readonly txBytes?: UInt64Value;
  /** Packets dropped while sending. */
  readonly txPacketsDropped?: UInt64Value;
}

/** Processes of a pod on Windows. */
export interface WindowsProcessUsage {
  /** When it was measured, nanoseconds since the epoch. */
  readonly timestamp: bigint;
  /** How many. */
  readonly processCount?: UInt64Value;
}

/** Processor time on Windows. */
export interface WindowsCpuUsage {
  /** When it was measured, nanoseconds since the epoch. */
  readonly timestamp: bigint;
  /** Core nanoseconds used in all. */
  readonly usageCoreNanoSeconds?: UInt64Value;
  /** Nanocores, averaged over a span that the runtime chooses. */
  readonly usageNanoCores?: UInt64Value;
}

/** Memory on Windows. */
export interface WindowsMemoryUsage {
  /** When it was measured, nanoseconds since the epoch. */
  readonly timestamp: bigint;
  /** Bytes of the private working set. */
  readonly workingSetBytes?: UInt64Value;
  /** Bytes that are free. */
  readonly availableBytes?: UInt64Value;
  /** Page faults so far. */
  readonly pageFaults?: UInt64Value;
  /** Bytes committed. */
  readonly commitMemoryBytes?: UInt64Value;
}

/** How full something on a file system is, on Windows. */
export interface WindowsFilesystemUsage {
  /** When it was measured, nanoseconds since the epoch. */
  readonly timestamp: bigint;
  /** The file system. */
  readonly fsId?: FilesystemIdentifier;
  /** Bytes in use. */
  readonly usedBytes?: UInt64Value;
}
