import type { Host } from '@slipway/host';
import { type Kernel, type Micros, type Owner, seconds } from '@slipway/kernel';
import { keyOf, type Service, type ServicePort, type Stored } from '@slipway/kube';
import { type Backend, backendKey, BackendIndex, type Candidates } from './backends.ts';
import type { ClusterView } from './cluster-view.ts';

/** A Service and the port that was asked for. */
export interface ServiceMatch {
  readonly service: Stored<Service>;
  /** `namespace/name`. */
  readonly key: string;
  /** Left out: the address is the Service's, the port is not. */
  readonly port?: ServicePort;
  /** By node port, external IP or balancer's IP. */
  readonly external: boolean;
}

/** What kube-proxy does with a connection to a Service. */
export type Verdict =
  | { readonly backend: Backend; readonly how: string; readonly keepsSource: boolean }
  /** REJECT: the client is told. DROP: it waits in vain. */
  | { readonly backend?: undefined; readonly reject: boolean; readonly why: string };

/** Default of `sessionAffinityConfig.clientIP.timeoutSeconds`: three hours (`core/v1`, DefaultClientIPServiceAffinitySeconds). */
const AFFINITY_SECONDS = 10_800;

interface Recent {
  readonly backend: string;
  readonly at: Micros;
}

/**
 * kube-proxy: which endpoint a connection to a Service goes to, as decided on one node. Source: `pkg/proxy/topology.go`,
 * `pkg/proxy/iptables/proxier.go`.
 */
export class ServiceProxy {
  readonly #kernel: Kernel;
  readonly #view: ClusterView;
  readonly #backends: BackendIndex;
  /** Clients that stick, by node; the running machine remembers them. */
  readonly #recent = new Map<string, { readonly machine: Owner; readonly clients: Map<string, Recent> }>();

  constructor(kernel: Kernel, view: ClusterView) {
    this.#kernel = kernel;
    this.#view = view;
    this.#backends = new BackendIndex(view);
  }

  /** The Service at an address. */
  match(ip: string, port: number, protocol: 'TCP' | 'UDP'): ServiceMatch | undefined {
    const service = this.#view.serviceAt(ip);
    if (!service) return undefined;
    const own = service.spec.ports?.find((each) => each.port === port && (each.protocol ?? 'TCP') === protocol);
    const external = service.spec.clusterIP !== ip && service.spec.clusterIPs?.includes(ip) !== true;
    return { service, key: keyOf(service), ...(own ? { port: own } : {}), external };
  }

  /** The Service at a port of every node. */
  matchNodePort(port: number, protocol: 'TCP' | 'UDP'): ServiceMatch | undefined {
    const service = this.#view.serviceAtNodePort(port, protocol);
    const own = service?.spec.ports?.find((each) => each.nodePort === port && (each.protocol ?? 'TCP') === protocol);
    return service && { service, key: keyOf(service), ...(own ? { port: own } : {}), external: true };
  }

  /** A Service by name, as a mesh names it. */
  named(namespace: string, name: string, port: number, protocol: 'TCP' | 'UDP'): ServiceMatch | undefined {
    const service = this.#view.services.get(`${namespace}/${name}`);
    const own = service?.spec.ports?.find((each) => each.port === port && (each.protocol ?? 'TCP') === protocol);
    return service && { service, key: keyOf(service), ...(own ? { port: own } : {}), external: false };
  }

  /** How many ready endpoints a Service has on a node: what its health check port says there (`pkg/proxy/healthcheck`). */
  localEndpoints({ service, key }: ServiceMatch, node: string): number {
    const [port] = service.spec.ports ?? [];
    return port ? this.#backends.of(key, port).on(node).ready.length : 0;
  }

  /**
   * Chooses an endpoint.
   *
   * @param host where the connection is translated
   * @param client address that it comes from
   * @param local it comes from this cluster, not through a balancer or from another machine: `externalTrafficPolicy` is then none of its
   *   business
   */
  choose(host: Host, client: string, { service, key, port, external }: ServiceMatch, local: boolean): Verdict {
    const { spec } = service;
    if (!port) return { reject: false, why: `Service ${key} has no such port` };
    const backends = this.#backends.of(key, port);
    const policy = external ? (local ? 'Cluster' : spec.externalTrafficPolicy) : spec.internalTrafficPolicy;
    const onlyLocal = policy === 'Local';
    const candidates: Candidates = onlyLocal ? backends.on(host.name) : backends;
    const near = onlyLocal ? candidates.ready : backends.near(host.name, this.#view.zoneOf(host.name));
    const usable = near.length > 0 ? near : candidates.ending;
    const keepsSource = external && onlyLocal;
    if (usable.length === 0) {
      const somewhere = backends.ready.length + backends.ending.length > 0;
      if (onlyLocal && somewhere) return { reject: false, why: `Service ${key} has no local endpoints on ${host.name}` };
      const count = backends.total === 0 ? 'has no endpoints' : `has no ready endpoints (${backends.total} not ready)`;
      return { reject: true, why: `Service ${key} ${count}` };
    }
    const how = near.length > 0 ? (onlyLocal ? 'local' : near.length < backends.ready.length ? 'near' : 'ready') : 'terminating';
    if (spec.sessionAffinity !== 'ClientIP') return { backend: this.#draw(host, usable), how, keepsSource };
    return { backend: this.#sticky(host, `${key} ${port.port} ${client}`, service, usable), how: `${how}, session affinity`, keepsSource };
  }

  #draw(host: Host, from: readonly Backend[]): Backend {
    return from.length === 1 ? (from[0] as Backend) : this.#kernel.random(`kube-proxy/${host.name}`).pick(from);
  }

  #sticky(host: Host, client: string, { spec }: Stored<Service>, usable: readonly Backend[]): Backend {
    let node = this.#recent.get(host.name);
    if (node?.machine !== host.owner) this.#recent.set(host.name, (node = { machine: host.owner, clients: new Map() }));
    const { now } = this.#kernel;
    const seen = node.clients.get(client);
    const lasts = seconds(spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? AFFINITY_SECONDS);
    const known = seen && now - seen.at < lasts ? usable.find((backend) => backendKey(backend) === seen.backend) : undefined;
    const backend = known ?? this.#draw(host, usable);
    node.clients.set(client, { backend: backendKey(backend), at: now });
    return backend;
  }
}
