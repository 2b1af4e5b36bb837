import type { DNSConfig } from '@slipway/cri';
import type { Pod } from '@slipway/kube';
import { isHostNetwork } from '../decisions/containers.ts';

/** Cluster-wide name resolution. */
export interface ClusterDns {
  /** Addresses of the cluster's name servers. */
  readonly servers: readonly string[];
  /** `cluster.local`. */
  readonly domain: string;
  /** What the node itself uses. */
  readonly host: DNSConfig;
}

const unique = (list: readonly string[]): readonly string[] => [...new Set(list)];

/** What goes into the pod's resolv.conf. Source: `pkg/kubelet/network/dns/dns.go` GetPodDNS. */
export function dnsConfig(pod: Pod, cluster: ClusterDns): DNSConfig {
  const base = baseConfig(pod, cluster);
  const extra = pod.spec.dnsConfig;
  if (!extra) return base;
  const options = new Map((base.options ?? []).map((option) => [option.split(':')[0] ?? '', option]));
  for (const { name = '', value } of extra.options ?? []) options.set(name, value === undefined ? name : `${name}:${value}`);
  return {
    servers: unique([...(base.servers ?? []), ...(extra.nameservers ?? [])]),
    searches: unique([...(base.searches ?? []), ...(extra.searches ?? [])]),
    options: [...options.values()],
  };
}

function baseConfig(pod: Pod, { servers, domain, host }: ClusterDns): DNSConfig {
  const policy = pod.spec.dnsPolicy ?? 'ClusterFirst';
  if (policy === 'None') return {};
  // With the node's network, ClusterFirst means the node's resolver; ClusterFirstWithHostNet is there for those who want the cluster's.
  const usesCluster = policy === 'ClusterFirstWithHostNet' || (policy === 'ClusterFirst' && !isHostNetwork(pod));
  if (!usesCluster || servers.length === 0) return host;
  const namespace = pod.metadata.namespace ?? 'default';
  const searches = domain === '' ? [] : [`${namespace}.svc.${domain}`, `svc.${domain}`, domain];
  return { servers, searches: unique([...searches, ...(host.searches ?? [])]), options: ['ndots:5'] };
}
