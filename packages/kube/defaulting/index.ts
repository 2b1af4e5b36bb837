import type { BuiltInObject } from '../kinds.ts';
import { kindOf } from '../kinds.ts';
import type { KubeObject } from '../types/index.ts';
import {
  defaultAutoscaler,
  defaultClaim,
  defaultCsiDriver,
  defaultDefinition,
  defaultEndpointSlice,
  defaultNamespace,
  defaultNetworkPolicy,
  defaultNode,
  defaultPriorityClass,
  defaultRoleBinding,
  defaultSecret,
  defaultService,
  defaultStorageClass,
  defaultVolume,
} from './cluster.ts';
import { defaultPod, defaultPodTemplate } from './pod.ts';
import { change } from './sharing.ts';
import {
  defaultCronJob,
  defaultDaemonSet,
  defaultDeployment,
  defaultJob,
  defaultReplicaSet,
  defaultReplicationController,
  defaultStatefulSet,
} from './workload.ts';

export { defaultPullPolicy } from './container.ts';
export { withJobSelector } from './workload.ts';

/**
 * The object with all versioned defaults filled in; the same object when nothing is missing. Objects of kinds without defaults, custom
 * ones too, come back as they are. What needs the rest of the cluster (addresses, service accounts, priorities) is admission's.
 */
export function withDefaults<T extends KubeObject>(object: T): T {
  // The registry has vouched for apiVersion and kind, which together decide the shape.
  return kindOf(object.apiVersion, object.kind) === undefined
    ? object
    : (defaultBuiltIn(object as unknown as BuiltInObject) as unknown as T);
}

function defaultBuiltIn(object: BuiltInObject): BuiltInObject {
  switch (object.kind) {
    case 'Pod':
      return defaultPod(object);
    case 'PodTemplate':
      return change(object, 'template', defaultPodTemplate);
    case 'Node':
      return defaultNode(object);
    case 'Namespace':
      return defaultNamespace(object);
    case 'Secret':
      return defaultSecret(object);
    case 'Service':
      return defaultService(object);
    case 'EndpointSlice':
      return defaultEndpointSlice(object);
    case 'Deployment':
      return defaultDeployment(object);
    case 'ReplicaSet':
      return defaultReplicaSet(object);
    case 'ReplicationController':
      return defaultReplicationController(object);
    case 'DaemonSet':
      return defaultDaemonSet(object);
    case 'StatefulSet':
      return defaultStatefulSet(object);
    case 'Job':
      return defaultJob(object);
    case 'CronJob':
      return defaultCronJob(object);
    case 'PersistentVolume':
      return defaultVolume(object);
    case 'PersistentVolumeClaim':
      return defaultClaim(object);
    case 'StorageClass':
      return defaultStorageClass(object);
    case 'CSIDriver':
      return defaultCsiDriver(object);
    case 'PriorityClass':
      return defaultPriorityClass(object);
    case 'NetworkPolicy':
      return defaultNetworkPolicy(object);
    case 'HorizontalPodAutoscaler':
      return defaultAutoscaler(object);
    case 'RoleBinding':
    case 'ClusterRoleBinding':
      return defaultRoleBinding(object);
    case 'CustomResourceDefinition':
      return defaultDefinition(object);
    default:
      return object;
  }
}
