// Names that parts of a cluster agree upon. Source: `core/v1/well_known_labels.go`, `well_known_taints.go`, cloud-provider `api/well_known_taints.go`.

/** Labels that kubelets and cloud providers set on nodes. */
export const nodeLabels = {
  hostname: 'kubernetes.io/hostname',
  os: 'kubernetes.io/os',
  arch: 'kubernetes.io/arch',
  zone: 'topology.kubernetes.io/zone',
  region: 'topology.kubernetes.io/region',
  instanceType: 'node.kubernetes.io/instance-type',
  /** Prefix; the role is what follows. */
  role: 'node-role.kubernetes.io/',
} as const;

/** Keys of taints that parts of the cluster put on nodes. */
export const taintKeys = {
  notReady: 'node.kubernetes.io/not-ready',
  unreachable: 'node.kubernetes.io/unreachable',
  unschedulable: 'node.kubernetes.io/unschedulable',
  memoryPressure: 'node.kubernetes.io/memory-pressure',
  diskPressure: 'node.kubernetes.io/disk-pressure',
  pidPressure: 'node.kubernetes.io/pid-pressure',
  networkUnavailable: 'node.kubernetes.io/network-unavailable',
  outOfService: 'node.kubernetes.io/out-of-service',
  cloudUninitialized: 'node.cloudprovider.kubernetes.io/uninitialized',
  cloudShutdown: 'node.cloudprovider.kubernetes.io/shutdown',
} as const;

/** Labels that controllers put on what they make. */
export const workloadLabels = {
  podTemplateHash: 'pod-template-hash',
  controllerRevisionHash: 'controller-revision-hash',
  podTemplateGeneration: 'pod-template-generation',
  jobName: 'batch.kubernetes.io/job-name',
  jobControllerUid: 'batch.kubernetes.io/controller-uid',
  statefulSetPodName: 'statefulset.kubernetes.io/pod-name',
  podIndex: 'apps.kubernetes.io/pod-index',
  serviceName: 'kubernetes.io/service-name',
  endpointSliceManagedBy: 'endpointslice.kubernetes.io/managed-by',
  namespaceName: 'kubernetes.io/metadata.name',
} as const;

/** Finalizers of the built-in parts. */
export const finalizers = {
  pvcProtection: 'kubernetes.io/pvc-protection',
  pvProtection: 'kubernetes.io/pv-protection',
  provisioner: 'external-provisioner.volume.kubernetes.io/finalizer',
  loadBalancerCleanup: 'service.kubernetes.io/load-balancer-cleanup',
  jobTracking: 'batch.kubernetes.io/job-tracking',
  orphan: 'orphan',
  foregroundDeletion: 'foregroundDeletion',
} as const;

/** Priorities of the two built-in classes; a pod from `systemPriority` on counts as critical. */
export const systemPriority = 2_000_000_000;
export const systemNodeCriticalPriority = 2_000_001_000;
