// What a pod is asked to be. Source: `core/v1`.

import type { Affinity, Toleration, TopologySpreadConstraint } from './affinity.ts';
import type {
  AppArmorProfile,
  Container,
  EphemeralContainer,
  ResourceRequirements,
  SELinuxOptions,
  SeccompProfile,
  WindowsSecurityContextOptions,
} from './container.ts';
import type { TemplateMeta } from './object.ts';
import type { LocalObjectReference } from './reference.ts';
import type { ResourceList, RestartPolicy } from './scalars.ts';
import type { Volume } from './volume.ts';

/** Operating system of the pod's containers. */
export interface PodOS {
  readonly name: 'linux' | 'windows';
}

/** A line of the pod's hosts file. */
export interface HostAlias {
  readonly ip: string;
  readonly hostnames?: readonly string[];
}

/** A resolver option. */
export interface PodDNSConfigOption {
  readonly name?: string;
  readonly value?: string;
}

/** Resolver settings beside those of `dnsPolicy`. */
export interface PodDNSConfig {
  readonly nameservers?: readonly string[];
  readonly searches?: readonly string[];
  readonly options?: readonly PodDNSConfigOption[];
}

/** A further condition that readiness waits for. */
export interface PodReadinessGate {
  readonly conditionType: string;
}

/** Holds the pod back from scheduling while present. */
export interface PodSchedulingGate {
  readonly name: string;
}

/** A device claim, existing or made from a template. */
export interface PodResourceClaim {
  readonly name: string;
  readonly resourceClaimName?: string;
  readonly resourceClaimTemplateName?: string;
}

/** The pod group the pod is scheduled with. */
export interface PodSchedulingGroup {
  readonly podGroupName?: string;
}

/** A kernel parameter. */
export interface Sysctl {
  readonly name: string;
  readonly value: string;
}

/** Security settings for all containers of the pod. */
export interface PodSecurityContext {
  readonly seLinuxOptions?: SELinuxOptions;
  readonly windowsOptions?: WindowsSecurityContextOptions;
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
  readonly runAsNonRoot?: boolean;
  readonly supplementalGroups?: readonly number[];
  readonly supplementalGroupsPolicy?: 'Merge' | 'Strict';
  readonly fsGroup?: number;
  readonly sysctls?: readonly Sysctl[];
  readonly fsGroupChangePolicy?: 'OnRootMismatch' | 'Always';
  readonly seccompProfile?: SeccompProfile;
  readonly appArmorProfile?: AppArmorProfile;
  readonly seLinuxChangePolicy?: 'Recursive' | 'MountOption';
}

/** What the pod should be. Containers, then how they are run, placed and named. */
export interface PodSpec {
  readonly volumes?: readonly Volume[];
  /** Run one by one to success; those with `restartPolicy: Always` are sidecars. */
  readonly initContainers?: readonly Container[];
  readonly containers: readonly Container[];
  readonly ephemeralContainers?: readonly EphemeralContainer[];
  readonly restartPolicy?: RestartPolicy;
  readonly terminationGracePeriodSeconds?: number;
  readonly activeDeadlineSeconds?: number;
  readonly dnsPolicy?: 'ClusterFirstWithHostNet' | 'ClusterFirst' | 'Default' | 'None';
  readonly dnsConfig?: PodDNSConfig;
  readonly nodeSelector?: { readonly [key: string]: string };
  readonly serviceAccountName?: string;
  /** Old name of `serviceAccountName`. */
  readonly serviceAccount?: string;
  readonly automountServiceAccountToken?: boolean;
  /** Set by binding; written once. */
  readonly nodeName?: string;
  readonly hostNetwork?: boolean;
  readonly hostPID?: boolean;
  readonly hostIPC?: boolean;
  readonly hostUsers?: boolean;
  readonly shareProcessNamespace?: boolean;
  readonly securityContext?: PodSecurityContext;
  readonly imagePullSecrets?: readonly LocalObjectReference[];
  readonly hostname?: string;
  readonly hostnameOverride?: string;
  readonly subdomain?: string;
  readonly setHostnameAsFQDN?: boolean;
  readonly affinity?: Affinity;
  readonly schedulerName?: string;
  readonly tolerations?: readonly Toleration[];
  readonly hostAliases?: readonly HostAlias[];
  readonly priorityClassName?: string;
  /** Filled by admission from the class. */
  readonly priority?: number;
  readonly preemptionPolicy?: 'PreemptLowerPriority' | 'Never';
  readonly readinessGates?: readonly PodReadinessGate[];
  readonly runtimeClassName?: string;
  readonly enableServiceLinks?: boolean;
  /** Filled by admission from the runtime class. */
  readonly overhead?: ResourceList;
  readonly topologySpreadConstraints?: readonly TopologySpreadConstraint[];
  readonly schedulingGates?: readonly PodSchedulingGate[];
  readonly schedulingGroup?: PodSchedulingGroup;
  readonly resourceClaims?: readonly PodResourceClaim[];
  /** Pod-level requests and limits; they override the containers' sums. */
  readonly resources?: ResourceRequirements;
  readonly os?: PodOS;
}

/** The pod that a workload makes copies of. */
export interface PodTemplateSpec {
  readonly metadata?: TemplateMeta;
  readonly spec: PodSpec;
}
