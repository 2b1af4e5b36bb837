import { type KubeObject, systemNodeCriticalPriority, systemPriority } from '@slipway/kube';

/**
 * What the API server itself makes in an empty cluster. Source: `pkg/controlplane/controller/systemnamespaces`,
 * `pkg/registry/scheduling/rest/storage_scheduling.go`, `pkg/controlplane/controller/kubernetesservice`.
 */
export function bootstrapObjects(kubernetesAddress: string): readonly (readonly [resource: string, object: KubeObject])[] {
  const namespace = (name: string): readonly [string, KubeObject] => [
    'namespaces',
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
  ];
  const priorityClass = (name: string, value: number, description: string): readonly [string, KubeObject] => [
    'priorityclasses',
    { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, value, description } as KubeObject,
  ];
  return [
    namespace('kube-system'),
    namespace('kube-public'),
    namespace('kube-node-lease'),
    namespace('default'),
    priorityClass(
      'system-node-critical',
      systemNodeCriticalPriority,
      'Used for system critical pods that must not be moved from their current node.',
    ),
    priorityClass(
      'system-cluster-critical',
      systemPriority,
      'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
    ),
    [
      'services',
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'kubernetes', namespace: 'default', labels: { component: 'apiserver', provider: 'kubernetes' } },
        spec: {
          type: 'ClusterIP',
          clusterIP: kubernetesAddress,
          ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 6443 }],
        },
      } as KubeObject,
    ],
  ];
}
