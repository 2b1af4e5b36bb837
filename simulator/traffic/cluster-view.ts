import { type ApiClient, type Informer, informer } from '@slipway/client';
import type { Owner, Process } from '@slipway/kernel';
import { type EndpointSlice, keyOf, type Node, nodeLabels, type Pod, type Service, type Stored, workloadLabels } from '@slipway/kube';

/** Pods that have ended answer nothing. */
const LIVE_PODS = 'status.phase!=Succeeded,status.phase!=Failed';

/**
 * What every kube-proxy and name server of the cluster has watched: one set of caches for all of them, since they see the same. Nothing
 * is watched before the first request, so that a cluster without traffic pays nothing.
 */
export class ClusterView {
  readonly services: Informer<Service>;
  readonly slices: Informer<EndpointSlice>;
  readonly pods: Informer<Pod>;
  readonly nodes: Informer<Node>;
  readonly #owner: Owner;
  #started = false;
  #synced = false;

  constructor(api: ApiClient, owner: Owner) {
    this.#owner = owner;
    this.services = informer(api.services, { indexers: { address: addressesOf, nodePort: nodePortsOf } });
    this.slices = informer(api.endpointslices, { indexers: { service: serviceOf } });
    this.pods = informer(api.pods, { fieldSelector: LIVE_PODS, indexers: { ip: podIpsOf } });
    this.nodes = informer(api.nodes);
  }

  /** Starts watching, once. */
  start(): void {
    if (this.#started) return;
    this.#started = true;
    for (const each of [this.services, this.slices, this.pods, this.nodes]) this.#owner.spawn(`informer ${each.resource.name}`, each.run());
  }

  /** Waits until everything has been listed once. */
  *ready(): Process {
    if (this.#synced) return;
    this.start();
    for (const each of [this.services, this.slices, this.pods, this.nodes]) yield* each.waitForSync();
    this.#synced = true;
  }

  /** The Service with this cluster IP, external IP or balancer's IP; of several the oldest, by name. */
  serviceAt(ip: string): Stored<Service> | undefined {
    return oldest(this.services.byIndex('address', ip));
  }

  /** The Service that has this port of every node, also for its health check. */
  serviceAtNodePort(port: number, protocol: 'TCP' | 'UDP'): Stored<Service> | undefined {
    return oldest(this.services.byIndex('nodePort', `${port}/${protocol}`));
  }

  /** The live pod with this address of its own. */
  podAt(ip: string): Stored<Pod> | undefined {
    return oldest(this.pods.byIndex('ip', ip));
  }

  zoneOf(node: string): string | undefined {
    return this.nodes.get(node)?.metadata.labels?.[nodeLabels.zone];
  }
}

/** Two objects may claim one address for a moment; the first to come keeps it. */
function oldest<T extends Stored<Service> | Stored<Pod>>(found: readonly T[]): T | undefined {
  if (found.length < 2) return found[0];
  const age = ({ metadata }: T): string => `${metadata.creationTimestamp} ${metadata.namespace}/${metadata.name}`;
  return found.toSorted((a, b) => (age(a) < age(b) ? -1 : 1))[0];
}

/** Every address of a Service at which kube-proxy answers. A balancer in `Proxy` mode wants its traffic for itself (KEP-1860). */
function addressesOf({ spec, status }: Stored<Service>): readonly string[] {
  const own = [...(spec.clusterIPs ?? []), ...(spec.clusterIP === undefined ? [] : [spec.clusterIP])].filter(
    (ip) => ip !== 'None' && ip !== '',
  );
  const ingress = (status?.loadBalancer?.ingress ?? []).flatMap(({ ip, ipMode }) => (ip === undefined || ipMode === 'Proxy' ? [] : [ip]));
  return [...new Set([...own, ...(spec.externalIPs ?? []), ...ingress])];
}

function nodePortsOf({ spec }: Stored<Service>): readonly string[] {
  const ports = (spec.ports ?? []).flatMap(({ nodePort, protocol = 'TCP' }) => (nodePort ? [`${nodePort}/${protocol}`] : []));
  return spec.healthCheckNodePort ? [...ports, `${spec.healthCheckNodePort}/TCP`] : ports;
}

function serviceOf({ metadata }: Stored<EndpointSlice>): readonly string[] {
  const service = metadata.labels?.[workloadLabels.serviceName];
  return service === undefined ? [] : [keyOf({ metadata: { namespace: metadata.namespace ?? 'default', name: service } })];
}

function podIpsOf({ spec, status }: Stored<Pod>): readonly string[] {
  if (spec.hostNetwork === true) return [];
  const ips = status?.podIPs?.map(({ ip }) => ip) ?? [];
  return status?.podIP !== undefined && !ips.includes(status.podIP) ? [status.podIP, ...ips] : ips;
}
