// What sandboxes and containers use, on Linux.

import type { ContainerMetadata } from './container.ts';
import type { FilesystemUsage } from './image.ts';
import type { PodSandboxMetadata } from './sandbox.ts';
import type { UInt64Value } from './security.ts';
import type { WindowsPodSandboxStats } from './windows.ts';

/** Asks for the usage of one sandbox. */
export interface PodSandboxStatsRequest {
  /** The sandbox. */
  readonly podSandboxId: string;
}

/** Usage of one sandbox. */
export interface PodSandboxStatsResponse {
  /** Its usage. */
  readonly stats: PodSandboxStats;
}

/** Which sandboxes; all given fields must match. */
export interface PodSandboxStatsFilter {
  /** Id, or an unambiguous beginning of it. */
  readonly id?: string;
  /** Labels that must all be there with these values. */
  readonly labelSelector?: Readonly<Record<string, string>>;
}

/** Asks for the usage of sandboxes. */
export interface ListPodSandboxStatsRequest {
  /** Which; left out: all. */
  readonly filter?: PodSandboxStatsFilter;
}

/** Usage of the sandboxes that match. */
export interface ListPodSandboxStatsResponse {
  /** One entry per sandbox. */
  readonly stats: readonly PodSandboxStats[];
}

/** As `ListPodSandboxStatsRequest`, answered in batches. */
export interface StreamPodSandboxStatsRequest {
  /** Which; left out: all. */
  readonly filter?: PodSandboxStatsFilter;
}

/** One batch of sandbox usage. */
export interface StreamPodSandboxStatsResponse {
  /** At least one entry. */
  readonly podSandboxStats: readonly PodSandboxStats[];
}

/** Which sandbox. */
export interface PodSandboxAttributes {
  /** Its id. */
  readonly id: string;
  /** As configured. */
  readonly metadata: PodSandboxMetadata;
  /** As configured. */
  readonly labels: Readonly<Record<string, string>>;
  /** As configured. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** Usage of one sandbox. */
export interface PodSandboxStats {
  /** Which sandbox. */
  readonly attributes: PodSandboxAttributes;
  /** On Linux. */
  readonly linux?: LinuxPodSandboxStats;
  /** On Windows. */
  readonly windows?: WindowsPodSandboxStats;
}

/** Usage of one sandbox on Linux. */
export interface LinuxPodSandboxStats {
  /** All of the pod. */
  readonly cpu?: CpuUsage;
  /** All of the pod. */
  readonly memory?: MemoryUsage;
  /** The pod's interfaces. */
  readonly network?: NetworkUsage;
  /** All of the pod. */
  readonly process?: ProcessUsage;
  /** Each container. */
  readonly containers: readonly ContainerStats[];
  /** All of the pod. */
  readonly io?: IoUsage;
}

/** Traffic of a pod. */
export interface NetworkUsage {
  /** When it was measured, nanoseconds since the epoch. */
  readonly timestamp: bigint;
  /** Interface of the pod's main address. */
  readonly defaultInterface?: NetworkInterfaceUsage;
  /** The others. */
  readonly interfaces?: readonly NetworkInterfaceUsage[];
}

/** Traffic of one interface, since it was made. */
export interface NetworkInterfaceUsage {
  /** Interface name. */
  readonly name: string;
  /** Bytes received. */
  readonly rxBytes?: UInt64Value;
  /** Errors while receiving. */
  readonly rxErrors?: UInt64Value;
  /** Bytes sent. */
  readonly txBytes?: UInt64Value;
  /** Errors while sending. */
  readonly txErrors?: UInt64Value;
}

/** Processes of a pod. */
export interface ProcessUsage {
  /** When it was measured, nanoseconds since the epoch. */
  readonly timestamp: bigint;
  /** How many. */
  readonly processCount?: UInt64Value;
}

/** Asks for the usage of one container. */
export interface ContainerStatsRequest {
  /** The container. */
  readonly containerId: string;
}

/** Usage of one container. */
export interface ContainerStatsResponse {
  /** Its usage. */
  readonly stats: ContainerStats;
}

/** Which containers; all given fields must match. */
export interface ContainerStatsFilter {
  /** Id, or an unambiguous beginning of it. */
  readonly id?: string;
  /** Containers of this sandbox. */
  readonly podSandboxId?: string;
  /** Labels that must all be there with these values. */
  readonly labelSelector?: Readonly<Record<string, string>>;
}

/** Asks for the usage of containers. */
export interface ListContainerStatsRequest {
  /** Which; left out: all. */
  readonly filter?: ContainerStatsFilter;
}

/** Usage of the containers that match. */
export interface ListContainerStatsResponse {
  /** One entry per container. */
  readonly stats: readonly ContainerStats[];
}

/** As `ListContainerStatsRequest`, answered in batches. */
export interface StreamContainerStatsRequest {
  /** Which; left out: all. */
  readonly filter?: ContainerStatsFilter;
}

/** One batch of container usage. */
export interface StreamContainerStatsResponse {
  /** At least one entry. */
  readonly containerStats: readonly ContainerStats[];
}

/** Which container. */
export interface ContainerAttributes {
  /** Its id. */
  readonly id: string;
  /** As configured. */
  readonly metadata: ContainerMetadata;
  /** As configured. */
  readonly labels: Readonly<Record<string, string>>;
  /** As configured. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** Usage of one container. */
export interface ContainerStats {
  /** Which container. */
  readonly attributes: ContainerAttributes;
  /** Processor time. */
  readonly cpu?: CpuUsage;
  /** Memory. */
  readonly memory?: MemoryUsage;
  /** What it wrote over its image. */
  readonly writableLayer?: FilesystemUsage;
  /** Swap space. */
  readonly swap?: SwapUsage;
  /** Input and output. */
  readonly io?: IoUsage;
}

/** Pressure stall information of one resource. */
export interface PsiStats {
  /** Time in which every task waited. */
  readonly Full?: PsiData;
  /** Time in which at least one task waited. */
  readonly Some?: PsiData;
}

/** One line of pressure stall information. */
export interface PsiData {
  /** Microseconds of waiting in all. */
  readonly Total: number;
  /** Percent of the last 10 seconds. */
  readonly Avg10: number;
  /** Percent of the last 60 seconds. */
  readonly Avg60: number;
  /** Percent of the last 300 seconds. */
  readonly Avg300: number;
}

/** Processor time. */
export interface CpuUsage {
  /** When it was measured, nanoseconds since the epoch. */
  readonly timestamp: bigint;
  /** Core nanoseconds used in all. */
  readonly usageCoreNanoSeconds?: UInt64Value;
  /** Nanocores, averaged over a span that the runtime chooses. */
  readonly usageNanoCores?: UInt64Value;
  /** Pressure. */
  readonly psi?: PsiStats;
}

/** Memory. */
export interface MemoryUsage {
  /** When it was measured, nanoseconds since the epoch. */
  readonly timestamp: bigint;
  /** Bytes that could not be reclaimed; what eviction looks at. */
  readonly workingSetBytes?: UInt64Value;
  /** Limit less working set. */
  readonly availableBytes?: UInt64Value;
  /** Bytes in use, caches included. */
  readonly usageBytes?: UInt64Value;
  /** Anonymous memory in bytes. */
  readonly rssBytes?: UInt64Value;
  /** Minor page faults so far. */
  readonly pageFaults?: UInt64Value;
  /** Major page faults so far. */
  readonly majorPageFaults?: UInt64Value;
  /** Pressure. */
  readonly psi?: PsiStats;
}

/** Input and output. */
export interface IoUsage {
  /** When it was measured, nanoseconds since the epoch. */
  readonly timestamp: bigint;
  /** Pressure. */
  readonly psi?: PsiStats;
}

/** Swap space. */
export interface SwapUsage {
  /** When it was measured, nanoseconds since the epoch. */
  readonly timestamp: bigint;
  /** Bytes that are free. */
  readonly swapAvailableBytes?: UInt64Value;
  /** Bytes in use. */
  readonly swapUsageBytes?: UInt64Value;
}
