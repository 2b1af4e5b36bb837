import { milliseconds, minutes, seconds, type Micros } from '@slipway/kernel';
import type { ResourceList, Taint } from '@slipway/kube';

// Constants of the kubelet, by the names of its source. Source: Kubernetes 1.36 `pkg/kubelet/kubelet.go` and
// `pkg/kubelet/apis/config/v1beta1/defaults.go` unless said otherwise.

/** Period of the work queue: pods that are due are synced on this grid. */
export const syncLoopPeriod: Micros = seconds(1);
/** Housekeeping period. */
export const housekeepingPeriod: Micros = seconds(2);
/** Least pause of a sync loop that finds the runtime down; it doubles up to `maximumRuntimePause`. */
export const baseRuntimePause: Micros = milliseconds(100);
export const maximumRuntimePause: Micros = seconds(5);
/** A healthy pod is synced again after this, times 1 to 1.5. */
export const syncFrequency: Micros = seconds(60);
/** A pod whose sync failed is synced again after this, times 1 to 1.5. */
export const backOffPeriod: Micros = seconds(10);
/** The same when the network is not ready. Source: `pod_workers.go`. */
export const transientBackOffPeriod: Micros = seconds(1);
/** Relist period of the PLEG. */
export const relistPeriod: Micros = seconds(1);
/** The PLEG is unhealthy once its last relist is older than this. */
export const relistThreshold: Micros = minutes(3);
/** Period of CRI `Status`. */
export const runtimeStatusPeriod: Micros = seconds(5);
/** The runtime counts as down once its last good answer is older than this. */
export const runtimeDownThreshold: Micros = seconds(30);
/** Period of the node status. */
export const nodeStatusUpdateFrequency: Micros = seconds(10);
/** A node status without news is reported after this. */
export const nodeStatusReportFrequency: Micros = minutes(5);
/** After the start, until the node is ready, its status is looked at this often, for at most this long. */
export const fastStatusPeriod: Micros = milliseconds(100);
export const nodeReadyGracePeriod: Micros = minutes(2);
export const leaseDurationSeconds = 40;
/** A quarter of the lease's duration. */
export const leaseRenewPeriod: Micros = seconds(10);
/** Pause before a further try to register or to make the lease, doubling up to `maximumRegistrationPause`. */
export const baseRegistrationPause: Micros = milliseconds(100);
export const maximumRegistrationPause: Micros = seconds(7);
export const containerGarbageCollectionPeriod: Micros = minutes(1);
export const imageGarbageCollectionPeriod: Micros = minutes(5);
/** Dead containers kept for each container name of a pod. Source: `cmd/kubelet/app/options/options.go`. */
export const maximumDeadContainersPerContainer = 1;
/** Source: `pkg/kubelet/kubelet.go`, evictionMonitoringPeriod. */
export const evictionPeriod: Micros = seconds(10);
/** How long a pressure is told of after it was last seen. Source: `pkg/kubelet/apis/config/v1beta1/defaults.go`. */
export const evictionPressureTransitionPeriod: Micros = minutes(5);
/** First and longest pause of a crashing container or a failing pull. */
export const baseBackOff: Micros = seconds(10);
export const maximumBackOff: Micros = minutes(5);
/** A container that ran this long since its last back-off starts afresh. */
export const crashLoopResetAfter: Micros = minutes(10);
/** Shortest timeout sent with StopContainer, in seconds. Source: `kuberuntime_manager.go`. */
export const minimumStopTimeoutSeconds = 2;
/** Grace period of a pod that nobody wants, in seconds. Source: `kubelet_pods.go` HandlePodCleanups. */
export const orphanGracePeriodSeconds = 1;
/** Failed status writes are tried again on this grid. Source: `status/status_manager.go`. */
export const statusSyncPeriod: Micros = seconds(10);
export const imagePullsPerSecond = 5;
export const imagePullBurst = 10;
export const imageGarbageHighPercent = 85;
export const imageGarbageLowPercent = 80;
export const imageMinimumAge: Micros = minutes(2);
/** A container that started this long before the kubelet keeps the readiness that the API shows. Source: `prober/common.go`. */
export const kubeletRestartGracePeriod: Micros = seconds(10);
/** The longest sum of termination messages in one status. Source: `container/helpers.go`. */
export const maximumPodTerminationMessageBytes = 12 * 1024;
/** The longest termination message of one container. */
export const maximumTerminationMessageBytes = 4096;

/** What an administrator sets. All have the kubelet's defaults. */
export interface KubeletOptions {
  /** Kubernetes version that the node reports. */
  readonly kubeletVersion?: string;
  /** What the machine has. */
  readonly capacity?: ResourceList;
  /** What pods may use; left out: capacity less the eviction threshold of 100Mi memory and 10 % ephemeral storage. */
  readonly allocatable?: ResourceList;
  readonly maxPods?: number;
  readonly labels?: { readonly [key: string]: string };
  readonly annotations?: { readonly [key: string]: string };
  readonly taints?: readonly Taint[];
  /** Sets `spec.providerID` when registering. */
  readonly providerID?: string;
  readonly podCIDR?: string;
  /** The cloud initialises the node: it gets the taint `node.cloudprovider.kubernetes.io/uninitialized`. */
  readonly externalCloudProvider?: boolean;
  /** Addresses of the node, the main one first; left out: those of the host's physical interfaces. */
  readonly nodeIPs?: readonly string[];
  /** Name servers of pods with `dnsPolicy: ClusterFirst`. */
  readonly clusterDNS?: readonly string[];
  readonly clusterDomain?: string;
  /** Pulls one image at a time. */
  readonly serializeImagePulls?: boolean;
  readonly maxContainerRestartPeriod?: Micros;
  /** Bytes of the file system that holds images and containers; left out: image garbage is not collected. */
  readonly imageFilesystemBytes?: number;
}
