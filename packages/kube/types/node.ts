// Machines. Source: `core/v1`.

import type { Taint } from './affinity.ts';
import type { KubeObject } from './object.ts';
import type { ConditionStatus, JsonValue, NodeAddressType, NodeConditionType, ResourceList, Time } from './scalars.ts';

/** An address and how it is meant. */
export interface NodeAddress {
  readonly type: NodeAddressType;
  readonly address: string;
}

/** A fact about the node, such as `Ready`. */
export interface NodeCondition {
  readonly type: NodeConditionType;
  readonly status: ConditionStatus;
  readonly lastHeartbeatTime?: Time;
  readonly lastTransitionTime?: Time;
  readonly reason?: string;
  readonly message?: string;
}

/** An image the node holds. */
export interface ContainerImage {
  readonly names?: readonly string[];
  readonly sizeBytes?: number;
}

/** Swap space. */
export interface NodeSwapStatus {
  readonly capacity?: number;
}

/** Identity and versions of the machine. */
export interface NodeSystemInfo {
  readonly machineID: string;
  readonly systemUUID: string;
  readonly bootID: string;
  readonly kernelVersion: string;
  readonly osImage: string;
  readonly containerRuntimeVersion: string;
  readonly kubeletVersion: string;
  readonly kubeProxyVersion: string;
  readonly operatingSystem: string;
  readonly architecture: string;
  readonly swap?: NodeSwapStatus;
}

/** A port. The capital letter is upstream's. */
export interface DaemonEndpoint {
  readonly Port: number;
}

/** Ports of the node's daemons. */
export interface NodeDaemonEndpoints {
  readonly kubeletEndpoint?: DaemonEndpoint;
}

/** A volume that the attach controller reports as attached. */
export interface AttachedVolume {
  readonly name: string;
  readonly devicePath: string;
}

/** What a runtime handler can do. */
export interface NodeRuntimeHandlerFeatures {
  readonly recursiveReadOnlyMounts?: boolean;
  readonly userNamespaces?: boolean;
}

/** A handler that runtime classes may name. */
export interface NodeRuntimeHandler {
  readonly name?: string;
  readonly features?: NodeRuntimeHandlerFeatures;
}

/** What the runtime as a whole can do. */
export interface NodeFeatures {
  readonly supplementalGroupsPolicy?: boolean;
}

/** What is decided about the node. */
export interface NodeSpec {
  readonly podCIDR?: string;
  readonly podCIDRs?: readonly string[];
  readonly providerID?: string;
  /** Cordoned. */
  readonly unschedulable?: boolean;
  readonly taints?: readonly Taint[];
  readonly configSource?: JsonValue;
  readonly externalID?: string;
}

/** What the node reports. */
export interface NodeStatus {
  readonly capacity?: ResourceList;
  /** What pods may request in all. */
  readonly allocatable?: ResourceList;
  readonly phase?: string;
  readonly conditions?: readonly NodeCondition[];
  readonly addresses?: readonly NodeAddress[];
  readonly daemonEndpoints?: NodeDaemonEndpoints;
  readonly nodeInfo?: NodeSystemInfo;
  readonly images?: readonly ContainerImage[];
  readonly volumesInUse?: readonly string[];
  readonly volumesAttached?: readonly AttachedVolume[];
  readonly config?: JsonValue;
  readonly runtimeHandlers?: readonly NodeRuntimeHandler[];
  readonly features?: NodeFeatures;
  readonly declaredFeatures?: readonly string[];
}

/** A machine of the cluster. `spec` is an empty object when nothing is decided. */
export interface Node extends KubeObject {
  readonly apiVersion: 'v1';
  readonly kind: 'Node';
  readonly spec: NodeSpec;
  readonly status?: NodeStatus;
}
