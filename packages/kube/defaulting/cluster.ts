import { workloadLabels } from '../well-known.ts';
import type {
  ClusterRoleBinding,
  CSIDriver,
  CSIDriverSpec,
  CustomResourceDefinition,
  EndpointSlice,
  HorizontalPodAutoscaler,
  Namespace,
  NetworkPolicy,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  PriorityClass,
  RoleBinding,
  Secret,
  Service,
  ServicePort,
  ServiceSpec,
  StorageClass,
} from '../types/index.ts';
import { change, each, fill, put } from './sharing.ts';

// Source: `pkg/apis/{core,storage,scheduling,discovery,networking,rbac}/v1/defaults.go`.

export function defaultService(service: Service): Service {
  const { externalIPs = [] } = service.spec;
  let spec = fill<ServiceSpec>(service.spec, { type: 'ClusterIP', sessionAffinity: 'None' });
  const outside = spec.type === 'NodePort' || spec.type === 'LoadBalancer';
  if (spec.type !== 'ExternalName') spec = fill<ServiceSpec>(spec, { internalTrafficPolicy: 'Cluster' });
  if (outside || (spec.type === 'ClusterIP' && externalIPs.length > 0))
    spec = fill<ServiceSpec>(spec, { externalTrafficPolicy: 'Cluster' });
  if (spec.type === 'LoadBalancer') spec = fill<ServiceSpec>(spec, { allocateLoadBalancerNodePorts: true });
  if (spec.sessionAffinity === 'ClientIP') {
    const clientIP = fill(spec.sessionAffinityConfig?.clientIP ?? {}, { timeoutSeconds: 10_800 });
    spec = put(spec, 'sessionAffinityConfig', put(spec.sessionAffinityConfig ?? {}, 'clientIP', clientIP));
  }
  spec = change(spec, 'ports', (ports) => each(ports, defaultServicePort));
  const result = put(service, 'spec', spec);
  if (spec.type !== 'LoadBalancer') return result;
  return change(result, 'status', (status) =>
    change(status, 'loadBalancer', (balancer) =>
      change(balancer, 'ingress', (list) => each(list, (entry) => (entry.ip === undefined ? entry : fill(entry, { ipMode: 'VIP' })))),
    ),
  );
}

function defaultServicePort(port: ServicePort): ServicePort {
  const result = fill<ServicePort>(port, { protocol: 'TCP', targetPort: port.port });
  return result.targetPort === 0 || result.targetPort === '' ? { ...result, targetPort: port.port } : result;
}

export function defaultNamespace(namespace: Namespace): Namespace {
  const { name, labels = {} } = namespace.metadata;
  const key = workloadLabels.namespaceName;
  let result: Namespace =
    name === '' || labels[key] === name
      ? namespace
      : { ...namespace, metadata: { ...namespace.metadata, labels: { ...labels, [key]: name } } };
  result = put(result, 'spec', fill(result.spec ?? {}, { finalizers: ['kubernetes'] }));
  return put(result, 'status', fill(result.status ?? {}, { phase: 'Active' }));
}

/** A node that gives no allocatable offers its whole capacity. */
export function defaultNode(node: Node): Node {
  return change(node, 'status', (status) => (status.capacity === undefined ? status : fill(status, { allocatable: status.capacity })));
}

export function defaultSecret(secret: Secret): Secret {
  return fill<Secret>(secret, { type: 'Opaque' });
}

export function defaultClaim(claim: PersistentVolumeClaim): PersistentVolumeClaim {
  const result = put(claim, 'spec', fill(claim.spec, { volumeMode: 'Filesystem' }));
  return put(result, 'status', fill(result.status ?? {}, { phase: 'Pending' }));
}

export function defaultVolume(volume: PersistentVolume): PersistentVolume {
  let spec = fill(volume.spec, { persistentVolumeReclaimPolicy: 'Retain', volumeMode: 'Filesystem' });
  spec = change(spec, 'hostPath', (source) => fill(source, { type: '' }));
  const result = put(volume, 'spec', spec);
  return put(result, 'status', fill(result.status ?? {}, { phase: 'Pending' }));
}

export function defaultStorageClass(storageClass: StorageClass): StorageClass {
  return fill<StorageClass>(storageClass, { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' });
}

export function defaultCsiDriver(driver: CSIDriver): CSIDriver {
  const defaults: CSIDriverSpec = {
    attachRequired: true,
    podInfoOnMount: false,
    storageCapacity: false,
    fsGroupPolicy: 'ReadWriteOnceWithFSType',
    volumeLifecycleModes: ['Persistent'],
    requiresRepublish: false,
    seLinuxMount: false,
  };
  return put(driver, 'spec', fill(driver.spec, defaults));
}

export function defaultPriorityClass(priorityClass: PriorityClass): PriorityClass {
  return fill<PriorityClass>(priorityClass, { preemptionPolicy: 'PreemptLowerPriority' });
}

export function defaultEndpointSlice(slice: EndpointSlice): EndpointSlice {
  return change(slice, 'ports', (ports) => each(ports, (port) => fill(port, { name: '', protocol: 'TCP' })));
}

export function defaultNetworkPolicy(policy: NetworkPolicy): NetworkPolicy {
  return change(policy, 'spec', (spec) => {
    // A policy that speaks of egress governs it; ingress is always governed.
    let result = fill(spec, { policyTypes: (spec.egress ?? []).length > 0 ? ['Ingress', 'Egress'] : ['Ingress'] });
    result = change(result, 'ingress', (rules) =>
      each(rules, (rule) => change(rule, 'ports', (ports) => each(ports, (port) => fill(port, { protocol: 'TCP' })))),
    );
    return change(result, 'egress', (rules) =>
      each(rules, (rule) => change(rule, 'ports', (ports) => each(ports, (port) => fill(port, { protocol: 'TCP' })))),
    );
  });
}

export function defaultAutoscaler(autoscaler: HorizontalPodAutoscaler): HorizontalPodAutoscaler {
  const metrics = [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }] as const;
  return put(autoscaler, 'spec', fill(autoscaler.spec, { minReplicas: 1, metrics }));
}

export function defaultRoleBinding<B extends RoleBinding | ClusterRoleBinding>(binding: B): B {
  const apiGroup = 'rbac.authorization.k8s.io';
  const roleRef = binding.roleRef.apiGroup === '' ? { ...binding.roleRef, apiGroup } : binding.roleRef;
  const result: RoleBinding | ClusterRoleBinding = roleRef === binding.roleRef ? binding : { ...binding, roleRef };
  const subjects = result.subjects;
  if (subjects === undefined) return result as B;
  const filled = each(subjects, (subject) => (subject.kind === 'ServiceAccount' ? subject : fill(subject, { apiGroup })));
  return (filled === subjects ? result : { ...result, subjects: filled }) as B;
}

export function defaultDefinition(definition: CustomResourceDefinition): CustomResourceDefinition {
  return change(definition, 'spec', (spec) => {
    const { kind } = spec.names;
    const names = fill(spec.names, { singular: kind.toLowerCase(), listKind: `${kind}List` });
    return fill(put(spec, 'names', names), { conversion: { strategy: 'None' } });
  });
}
