// What a container or pod may use.

import type { WindowsContainerResources } from './windows.ts';

/** Limits by cgroup; 0 or left out means not given. */
export interface LinuxContainerResources {
  /** CFS period in microseconds. */
  readonly cpuPeriod?: number;
  /** CFS quota in microseconds per period. */
  readonly cpuQuota?: number;
  /** Relative weight. */
  readonly cpuShares?: number;
  /** Memory limit in bytes. */
  readonly memoryLimitInBytes?: number;
  /** From -1000 to 1000; higher is killed first. */
  readonly oomScoreAdj?: number;
  /** CPUs it may run on, such as `0-3,7`. */
  readonly cpusetCpus?: string;
  /** Memory nodes it may use. */
  readonly cpusetMems?: string;
  /** Limit per page size. */
  readonly hugepageLimits?: readonly HugepageLimit[];
  /** Cgroup v2 settings as they are. */
  readonly unified?: Readonly<Record<string, string>>;
  /** Memory and swap together, in bytes. */
  readonly memorySwapLimitInBytes?: number;
}

/** Limit of one size of huge pages. */
export interface HugepageLimit {
  /** Such as `2MB`, `1GB`. */
  readonly pageSize: string;
  /** Bytes. */
  readonly limit: number;
}

/** Resources that a container has. */
export interface ContainerResources {
  /** On Linux. */
  readonly linux?: LinuxContainerResources;
  /** On Windows. */
  readonly windows?: WindowsContainerResources;
}

/** Changes a container's limits while it lives. */
export interface UpdateContainerResourcesRequest {
  /** The container. */
  readonly containerId: string;
  /** On Linux; what is not given stays. */
  readonly linux?: LinuxContainerResources;
  /** On Windows. */
  readonly windows?: WindowsContainerResources;
  /** Hints for the runtime. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Nothing to say: all was changed. */
export type UpdateContainerResourcesResponse = Readonly<Record<never, never>>;
