import type { AdmissionPlugin, PodSpecPlugin } from './admission.ts';
import { defaultIngressClass } from './default-ingress-class.ts';
import { defaultStorageClass } from './default-storage-class.ts';
import { defaultTolerationSeconds } from './default-toleration-seconds.ts';
import { limitRanger } from './limit-ranger.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';
import { persistentVolumeClaimResize } from './persistent-volume-claim-resize.ts';
import { priority } from './priority.ts';
import { runtimeClass } from './runtime-class.ts';
import { serviceAccount } from './service-account.ts';
import { storageObjectInUseProtection } from './storage-object-in-use-protection.ts';
import { taintNodesByCondition } from './taint-nodes-by-condition.ts';

/** Upstream's order (`pkg/kubeapiserver/options/plugins.go`). Those that look at a new pod's spec run after the first of these. */
export const builtInPlugins: readonly AdmissionPlugin[] = [
  namespaceLifecycle,
  taintNodesByCondition,
  defaultStorageClass,
  storageObjectInUseProtection,
  persistentVolumeClaimResize,
  defaultIngressClass,
];

/** Those that look at a new pod's spec, in upstream's order. */
export const builtInPodSpecPlugins: readonly PodSpecPlugin[] = [
  limitRanger,
  serviceAccount,
  priority,
  defaultTolerationSeconds,
  runtimeClass,
];

export * from './admission.ts';
export { AdmissionChain, webhookRefusal } from './chain.ts';
export { ResourceQuotas } from './resource-quota.ts';
export { podTopologyLabels } from './pod-topology-labels.ts';
