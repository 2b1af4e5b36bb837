import type * as z from 'zod';
import type { KubeObject } from '../types/index.ts';
import { configMap, secret, serviceAccount } from './config.ts';
import { event } from './event.ts';
import { customResourceDefinition, runtimeClass } from './extension.ts';
import { cronJob, job } from './job.ts';
import { lease } from './lease.ts';
import { limitRange, namespace, resourceQuota } from './namespace.ts';
import { ingress, ingressClass, networkPolicy } from './networking.ts';
import { node } from './node.ts';
import { binding, eviction, pod, podTemplate } from './pod.ts';
import { horizontalPodAutoscaler, podDisruptionBudget, priorityClass } from './policy.ts';
import { clusterRole, clusterRoleBinding, role, roleBinding } from './rbac.ts';
import { endpointSlice, endpoints, service } from './service.ts';
import {
  csiDriver,
  csiNode,
  csiStorageCapacity,
  persistentVolume,
  persistentVolumeClaim,
  storageClass,
  volumeAttachment,
  volumeAttributesClass,
} from './storage.ts';
import { controllerRevision, daemonSet, deployment, replicaSet, replicationController, statefulSet } from './workload.ts';

/** The schema of each kind, by apiVersion and kind. */
export const schemas: ReadonlyMap<string, () => z.ZodType<KubeObject>> = new Map<string, () => z.ZodType<KubeObject>>([
  ['v1/Pod', pod],
  ['v1/PodTemplate', podTemplate],
  ['v1/Binding', binding],
  ['policy/v1/Eviction', eviction],
  ['v1/Node', node],
  ['v1/Namespace', namespace],
  ['v1/ResourceQuota', resourceQuota],
  ['v1/LimitRange', limitRange],
  ['v1/ConfigMap', configMap],
  ['v1/Secret', secret],
  ['v1/ServiceAccount', serviceAccount],
  ['v1/Service', service],
  ['v1/Endpoints', endpoints],
  ['discovery.k8s.io/v1/EndpointSlice', endpointSlice],
  ['v1/Event', event],
  ['coordination.k8s.io/v1/Lease', lease],
  ['apps/v1/Deployment', deployment],
  ['apps/v1/ReplicaSet', replicaSet],
  ['apps/v1/DaemonSet', daemonSet],
  ['apps/v1/StatefulSet', statefulSet],
  ['apps/v1/ControllerRevision', controllerRevision],
  ['v1/ReplicationController', replicationController],
  ['batch/v1/Job', job],
  ['batch/v1/CronJob', cronJob],
  ['v1/PersistentVolume', persistentVolume],
  ['v1/PersistentVolumeClaim', persistentVolumeClaim],
  ['storage.k8s.io/v1/StorageClass', storageClass],
  ['storage.k8s.io/v1/VolumeAttachment', volumeAttachment],
  ['storage.k8s.io/v1/CSINode', csiNode],
  ['storage.k8s.io/v1/CSIDriver', csiDriver],
  ['storage.k8s.io/v1/CSIStorageCapacity', csiStorageCapacity],
  ['storage.k8s.io/v1/VolumeAttributesClass', volumeAttributesClass],
  ['scheduling.k8s.io/v1/PriorityClass', priorityClass],
  ['policy/v1/PodDisruptionBudget', podDisruptionBudget],
  ['autoscaling/v2/HorizontalPodAutoscaler', horizontalPodAutoscaler],
  ['networking.k8s.io/v1/Ingress', ingress],
  ['networking.k8s.io/v1/IngressClass', ingressClass],
  ['networking.k8s.io/v1/NetworkPolicy', networkPolicy],
  ['rbac.authorization.k8s.io/v1/Role', role],
  ['rbac.authorization.k8s.io/v1/ClusterRole', clusterRole],
  ['rbac.authorization.k8s.io/v1/RoleBinding', roleBinding],
  ['rbac.authorization.k8s.io/v1/ClusterRoleBinding', clusterRoleBinding],
  ['apiextensions.k8s.io/v1/CustomResourceDefinition', customResourceDefinition],
  ['node.k8s.io/v1/RuntimeClass', runtimeClass],
]);
