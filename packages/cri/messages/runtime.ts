// The runtime itself: version, health, features, configuration, events and metrics.

import type { ContainerStatus } from './container.ts';
import type { CgroupDriver, ContainerEventType, MetricType } from './enums.ts';
import type { PodSandboxStatus } from './sandbox.ts';
import type { UInt64Value } from './security.ts';

/** Asks for the runtime's name and versions. */
export interface VersionRequest {
  /** Version of the API that the caller speaks. */
  readonly version?: string;
}

/** Who the runtime is. */
export interface VersionResponse {
  /** Version of the kubelet-facing runtime API that is served (`0.1.0` for v1). */
  readonly version: string;
  /** Such as `containerd` or `cri-o`; also the scheme of container ids in pod status. */
  readonly runtimeName: string;
  /** The runtime's own version. */
  readonly runtimeVersion: string;
  /** `v1`. */
  readonly runtimeApiVersion: string;
}

/** Asks how the runtime is. */
export interface StatusRequest {
  /** Also fill `info`. */
  readonly verbose?: boolean;
}

/** Health and abilities of the runtime. */
export interface StatusResponse {
  /** The conditions. */
  readonly status: RuntimeStatus;
  /** Extra information, only when verbose; values are JSON. */
  readonly info?: Readonly<Record<string, string>>;
  /** Handlers (RuntimeClass `handler` values) that can run pods; the empty name is the default one. */
  readonly runtimeHandlers?: readonly RuntimeHandler[];
  /** Abilities of the runtime as a whole. */
  readonly features?: RuntimeFeatures;
}

/** The runtime's conditions; `RuntimeReady` and `NetworkReady` are always there. */
export interface RuntimeStatus {
  /** Current observations, one per type. */
  readonly conditions: readonly RuntimeCondition[];
}

/** One observation of the runtime's health. */
export interface RuntimeCondition {
  /** `RuntimeReady`, `NetworkReady`, or one of the runtime's own. */
  readonly type: string;
  /** Whether the condition holds. */
  readonly status: boolean;
  /** One CamelCase word for a condition that does not hold. */
  readonly reason?: string;
  /** The same for people. */
  readonly message?: string;
}

/** What one runtime handler can do. */
export interface RuntimeHandlerFeatures {
  /** Mounts can be made read-only together with what is mounted below them. */
  readonly recursiveReadOnlyMounts?: boolean;
  /** Pods may have a user namespace of their own. */
  readonly userNamespaces?: boolean;
}

/** One way to run pods, selected by `runtimeHandler`. */
export interface RuntimeHandler {
  /** Handler name; empty or left out is the default handler. */
  readonly name?: string;
  /** What it can do. */
  readonly features?: RuntimeHandlerFeatures;
}

/** Abilities that do not depend on the handler. */
export interface RuntimeFeatures {
  /** `supplementalGroupsPolicy` of a security context is honoured. */
  readonly supplementalGroupsPolicy?: boolean;
  /** A user namespace may go with the host's network. */
  readonly userNamespacesHostNetwork?: boolean;
}

/** Network facts that the kubelet passes on. */
export interface NetworkConfig {
  /** The node's pod range, or several joined by commas. */
  readonly podCidr: string;
}

/** What `updateRuntimeConfig` can change. */
export interface RuntimeConfig {
  /** Pod network of the node. */
  readonly networkConfig?: NetworkConfig;
}

/** Hands new facts to the runtime. */
export interface UpdateRuntimeConfigRequest {
  /** The facts. */
  readonly runtimeConfig: RuntimeConfig;
}

/** Nothing to say. */
export type UpdateRuntimeConfigResponse = Readonly<Record<never, never>>;

/** Asks how the runtime is set up; read once when the kubelet starts. */
export type RuntimeConfigRequest = Readonly<Record<never, never>>;

/** How the runtime is set up. */
export interface RuntimeConfigResponse {
  /** Set on Linux. */
  readonly linux?: LinuxRuntimeConfiguration;
}

/** Linux part of the runtime's set-up. */
export interface LinuxRuntimeConfiguration {
  /** Who manages cgroups; the kubelet must use the same. */
  readonly cgroupDriver: CgroupDriver;
}

/** Subscribes to container events. */
export type GetEventsRequest = Readonly<Record<never, never>>;

/** One step in a container's (or sandbox's) life. */
export interface ContainerEventResponse {
  /** Container, or the sandbox itself. */
  readonly containerId: string;
  /** What happened. */
  readonly containerEventType: ContainerEventType;
  /** When, in nanoseconds since the epoch. */
  readonly createdAt: bigint;
  /** The sandbox then. */
  readonly podSandboxStatus?: PodSandboxStatus;
  /** All containers of the sandbox then. */
  readonly containersStatuses?: readonly ContainerStatus[];
}

/** Asks which metrics exist. */
export type ListMetricDescriptorsRequest = Readonly<Record<never, never>>;

/** The metrics that `listPodSandboxMetrics` may use; does not change while the runtime runs. */
export interface ListMetricDescriptorsResponse {
  /** One per metric name. */
  readonly descriptors: readonly MetricDescriptor[];
}

/** What a metric name means. */
export interface MetricDescriptor {
  /** Prometheus name. */
  readonly name: string;
  /** One line for people. */
  readonly help: string;
  /** Names of the labels, in the order of `Metric.labelValues`. */
  readonly labelKeys: readonly string[];
}

/** Asks for the metrics of all sandboxes. */
export type ListPodSandboxMetricsRequest = Readonly<Record<never, never>>;

/** Metrics by sandbox. */
export interface ListPodSandboxMetricsResponse {
  /** One entry per sandbox. */
  readonly podMetrics: readonly PodSandboxMetrics[];
}

/** As `ListPodSandboxMetricsRequest`, answered in batches. */
export type StreamPodSandboxMetricsRequest = Readonly<Record<never, never>>;

/** One batch of sandbox metrics. */
export interface StreamPodSandboxMetricsResponse {
  /** At least one entry. */
  readonly podSandboxMetrics: readonly PodSandboxMetrics[];
}

/** Metrics of one sandbox and its containers. */
export interface PodSandboxMetrics {
  /** The sandbox. */
  readonly podSandboxId: string;
  /** Those of the sandbox as a whole. */
  readonly metrics: readonly Metric[];
  /** Those of each container. */
  readonly containerMetrics: readonly ContainerMetrics[];
}

/** Metrics of one container. */
export interface ContainerMetrics {
  /** The container. */
  readonly containerId: string;
  /** The values. */
  readonly metrics: readonly Metric[];
}

/** One value of a described metric. */
export interface Metric {
  /** Name of a descriptor. */
  readonly name: string;
  /** When it was measured, nanoseconds since the epoch. */
  readonly timestamp: bigint;
  /** Whether it only grows. */
  readonly metricType: MetricType;
  /** Values of the descriptor's label keys, in their order. */
  readonly labelValues: readonly string[];
  /** The value. */
  readonly value: UInt64Value;
}
