import type { ControllerDefinition } from '@slipway/client';
import { cronJobController } from './cronjob/cronjob-controller.ts';
import { daemonSetController } from './daemonset/daemonset-controller.ts';
import { deploymentController } from './deployment/deployment-controller.ts';
import { disruptionController } from './disruption/disruption-controller.ts';
import { endpointSliceController } from './endpointslice/endpointslice-controller.ts';
import { garbageCollector } from './garbage-collector/garbage-collector.ts';
import { jobController } from './job/job-controller.ts';
import { ttlAfterFinishedController } from './job/ttl-after-finished-controller.ts';
import { namespaceController } from './namespace/namespace-controller.ts';
import { nodeIpamController } from './node-ipam/node-ipam-controller.ts';
import { nodeLifecycleController } from './node-lifecycle/node-lifecycle-controller.ts';
import { podGcController } from './pod-gc-controller.ts';
import { replicaSetController } from './replicaset/replicaset-controller.ts';
import { resourceQuotaController } from './resourcequota/resource-quota-controller.ts';
import { rootCaPublisher } from './root-ca-publisher.ts';
import { serviceAccountController } from './service-account-controller.ts';
import { statefulSetController } from './statefulset/statefulset-controller.ts';
import { storageControllers } from './storage/index.ts';
import { taintEvictionController } from './taint-eviction-controller.ts';

export { cloudControllers } from './cloud/index.ts';

export interface ControllerSettings {
  /** All pod addresses: the nodes' ranges are taken from it. */
  readonly clusterCidr: string;
  /** How long the prefix of a node's range is. Left out: 24. */
  readonly nodeCIDRMaskSize?: number | undefined;
}

/** The controllers of kube-controller-manager, made anew for each world: some remember things. */
export function controllers({ clusterCidr, nodeCIDRMaskSize: nodeMaskSize }: ControllerSettings): readonly ControllerDefinition[] {
  return [
    deploymentController,
    replicaSetController(),
    statefulSetController(),
    daemonSetController(),
    jobController(),
    cronJobController,
    ttlAfterFinishedController,
    endpointSliceController(),
    disruptionController(),
    resourceQuotaController(),
    ...storageControllers(),
    nodeIpamController({ clusterCidr, ...(nodeMaskSize === undefined ? {} : { nodeMaskSize }) }),
    nodeLifecycleController(),
    taintEvictionController(),
    serviceAccountController,
    rootCaPublisher,
    podGcController(),
    namespaceController(),
    garbageCollector(),
  ];
}
