// Pods and what has been observed of them. Source: `core/v1`.

import type { ResourceRequirements } from './container.ts';
import type { DeleteOptions } from './meta.ts';
import type { KubeObject } from './object.ts';
import type { PodSpec, PodTemplateSpec } from './pod-spec.ts';
import type { ObjectReference } from './reference.ts';
import type { ConditionStatus, JsonValue, PodConditionType, PodPhase, PodQOSClass, ResourceList, Time } from './scalars.ts';

/** Not running yet, or not again yet. */
export interface ContainerStateWaiting {
  readonly reason?: string;
  readonly message?: string;
}

/** Running. */
export interface ContainerStateRunning {
  readonly startedAt?: Time;
}

/** Ended. */
export interface ContainerStateTerminated {
  readonly exitCode: number;
  readonly signal?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly startedAt?: Time;
  readonly finishedAt?: Time;
  readonly containerID?: string;
}

/** One of these; none means waiting. */
export interface ContainerState {
  readonly waiting?: ContainerStateWaiting;
  readonly running?: ContainerStateRunning;
  readonly terminated?: ContainerStateTerminated;
}

/** A mount as the runtime made it. */
export interface VolumeMountStatus {
  readonly name: string;
  readonly mountPath: string;
  readonly readOnly?: boolean;
  readonly recursiveReadOnly?: string;
}

/** Identity of a container's first process. */
export interface LinuxContainerUser {
  readonly uid: number;
  readonly gid: number;
  readonly supplementalGroups?: readonly number[];
}

/** Identity of a container's first process. */
export interface ContainerUser {
  readonly linux?: LinuxContainerUser;
}

/** What has been observed of one container. */
export interface ContainerStatus {
  readonly name: string;
  readonly state?: ContainerState;
  /** How the instance before this one ended. */
  readonly lastState?: ContainerState;
  readonly ready: boolean;
  readonly restartCount: number;
  readonly image: string;
  readonly imageID: string;
  /** `<runtime>://<id>`. */
  readonly containerID?: string;
  /** Its startup probe has succeeded, or it has none. */
  readonly started?: boolean;
  readonly allocatedResources?: ResourceList;
  readonly allocatedResourcesStatus?: readonly JsonValue[];
  readonly resources?: ResourceRequirements;
  readonly volumeMounts?: readonly VolumeMountStatus[];
  readonly user?: ContainerUser;
  readonly stopSignal?: string;
}

/** A fact about the pod, such as `Ready`. */
export interface PodCondition {
  readonly type: PodConditionType;
  readonly status: ConditionStatus;
  readonly observedGeneration?: number;
  readonly lastProbeTime?: Time;
  readonly lastTransitionTime?: Time;
  readonly reason?: string;
  readonly message?: string;
}

/** An address of the pod. */
export interface PodIP {
  readonly ip: string;
}

/** An address of the pod's node. */
export interface HostIP {
  readonly ip: string;
}

/** The claim made for a template. */
export interface PodResourceClaimStatus {
  readonly name: string;
  readonly resourceClaimName?: string;
}

/** What has been observed of the pod. */
export interface PodStatus {
  readonly observedGeneration?: number;
  readonly phase?: PodPhase;
  readonly conditions?: readonly PodCondition[];
  readonly message?: string;
  readonly reason?: string;
  /** Where the scheduler means to place it. */
  readonly nominatedNodeName?: string;
  readonly hostIP?: string;
  readonly hostIPs?: readonly HostIP[];
  readonly podIP?: string;
  readonly podIPs?: readonly PodIP[];
  readonly startTime?: Time;
  readonly initContainerStatuses?: readonly ContainerStatus[];
  readonly containerStatuses?: readonly ContainerStatus[];
  readonly ephemeralContainerStatuses?: readonly ContainerStatus[];
  readonly qosClass?: PodQOSClass;
  readonly resize?: string;
  readonly resourceClaimStatuses?: readonly PodResourceClaimStatus[];
  readonly extendedResourceClaimStatus?: JsonValue;
  readonly allocatedResources?: ResourceList;
  readonly resources?: ResourceRequirements;
}

/** Containers that share a network and volumes on one node. */
export interface Pod extends KubeObject {
  readonly apiVersion: 'v1';
  readonly kind: 'Pod';
  readonly spec: PodSpec;
  readonly status?: PodStatus;
}

/** A stored template. */
export interface PodTemplate extends KubeObject {
  readonly apiVersion: 'v1';
  readonly kind: 'PodTemplate';
  readonly template?: PodTemplateSpec;
}

/** Asks to place a pod on `target`; body of `pods/binding`. */
export interface Binding extends KubeObject {
  readonly apiVersion: 'v1';
  readonly kind: 'Binding';
  readonly target: ObjectReference;
}

/** Asks to remove a pod within its disruption budgets; body of `pods/eviction`. */
export interface Eviction extends KubeObject {
  readonly apiVersion: 'policy/v1';
  readonly kind: 'Eviction';
  readonly deleteOptions?: DeleteOptions;
}
