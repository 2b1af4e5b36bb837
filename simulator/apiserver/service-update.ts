// What an update of a Service leaves out and still means. Source: `pkg/registry/core/service/strategy.go`, `storage/storage.go`
// patchAllocatedValues.

import { isEqual, type Service, type ServicePort, type ServiceSpec } from '@slipway/kube';

export const wantsNodePorts = ({ type, allocateLoadBalancerNodePorts }: ServiceSpec): boolean =>
  type === 'NodePort' || (type === 'LoadBalancer' && allocateLoadBalancerNodePorts !== false);

const hasAddress = ({ type }: ServiceSpec): boolean => type !== 'ExternalName';
const facesOutside = ({ type, externalIPs }: ServiceSpec): boolean =>
  type === 'NodePort' || type === 'LoadBalancer' || (type === 'ClusterIP' && (externalIPs?.length ?? 0) > 0);

/** The update with what it keeps of the stored Service, and without what its new type has no use for. */
export function prepareServiceUpdate(service: Service, old: Service): Service {
  const spec = withoutForeignFields(withAllocated(service.spec, old.spec), old.spec);
  const updated = spec === service.spec ? service : { ...service, spec };
  if (spec.type === 'LoadBalancer' || old.spec.type !== 'LoadBalancer' || updated.status?.loadBalancer === undefined) return updated;
  return { ...updated, status: { ...updated.status, loadBalancer: {} } };
}

/** Numbers that are left out stay as they are; ports are matched by name. */
function withAllocated(spec: ServiceSpec, old: ServiceSpec): ServiceSpec {
  let kept = spec;
  if (hasAddress(spec) && hasAddress(old)) {
    if ((kept.clusterIP ?? '') === '' && old.clusterIP !== undefined) kept = { ...kept, clusterIP: old.clusterIP };
    if (kept.clusterIPs === undefined && kept.clusterIP === old.clusterIP && old.clusterIPs !== undefined) {
      kept = { ...kept, clusterIPs: old.clusterIPs };
    }
    if (kept.ipFamilies === undefined && old.ipFamilies !== undefined) kept = { ...kept, ipFamilies: old.ipFamilies };
    if (kept.ipFamilyPolicy === undefined && old.ipFamilyPolicy !== undefined) kept = { ...kept, ipFamilyPolicy: old.ipFamilyPolicy };
  }
  if (!wantsNodePorts(spec) || !wantsNodePorts(old)) return kept;
  const byName = new Map((old.ports ?? []).map((port) => [port.name ?? '', port.nodePort]));
  const explicit = new Set((spec.ports ?? []).map(({ nodePort }) => nodePort));
  const ports = (spec.ports ?? []).map((port): ServicePort => {
    const before = byName.get(port.name ?? '');
    return (port.nodePort ?? 0) === 0 && before !== undefined && !explicit.has(before) ? { ...port, nodePort: before } : port;
  });
  return isEqual(ports, spec.ports) ? kept : { ...kept, ports };
}

/** Fields of the old type that came along unchanged are not meant. */
function withoutForeignFields(spec: ServiceSpec, old: ServiceSpec): ServiceSpec {
  let kept = spec;
  if (hasAddress(old) && !hasAddress(spec) && spec.clusterIP === old.clusterIP) {
    const {
      clusterIP: _ip,
      clusterIPs: _ips,
      ipFamilies: _families,
      ipFamilyPolicy: _policy,
      internalTrafficPolicy: _internal,
      ...rest
    } = kept;
    kept = rest;
  }
  if (wantsNodePorts(old) && !wantsNodePorts(spec) && spec.ports !== undefined) {
    const before = new Set((old.ports ?? []).map(({ nodePort }) => nodePort));
    const ports = spec.ports.map((port): ServicePort => {
      const { nodePort, ...rest } = port;
      return nodePort !== undefined && before.has(nodePort) ? rest : port;
    });
    kept = { ...kept, ports };
  }
  if (old.type === 'LoadBalancer' && spec.type !== 'LoadBalancer') {
    const { allocateLoadBalancerNodePorts: _allocate, loadBalancerClass: _class, ...rest } = kept;
    kept = rest;
  }
  if (facesOutside(old) && !facesOutside(spec) && spec.externalTrafficPolicy === old.externalTrafficPolicy) {
    const { externalTrafficPolicy: _policy, ...rest } = kept;
    kept = rest;
  }
  return kept;
}
