import { codeOf, type Kernel, type Process, sleep } from '@slipway/kernel';
import { type Host, HostError, type NetworkNamespace, type Reply } from '@slipway/host';
import type { Pod, Stored } from '@slipway/kube';
import type { Identity, ServicePortRef } from '@slipway/smi';
import type { ClusterView } from './cluster-view.ts';
import { BETWEEN_ZONES, FROM_OUTSIDE, WITHIN_NODE, WITHIN_ZONE } from './latency.ts';
import type { MeshProxies } from './mesh.ts';
import type { Arrival, Network } from './network.ts';
import type { Outside } from './outside.ts';
import type { ServiceMatch, ServiceProxy } from './service-proxy.ts';
import type { Trip } from './trip.ts';

export interface DeliveryParts {
  readonly kernel: Kernel;
  readonly view: ClusterView;
  readonly network: Network;
  readonly proxy: ServiceProxy;
  readonly outside: Outside;
  readonly mesh: MeshProxies | undefined;
}

/** Where a request goes once its Service is known, and what the mesh will want to hear of it. */
interface Target {
  readonly ip: string;
  readonly port: number;
  readonly pod: string | undefined;
  readonly to?: ServicePortRef;
  readonly apex?: string;
  readonly identity?: Identity;
}

/** The way of one request from the sender's socket to the server's and back. */
export class Delivery {
  readonly #parts: DeliveryParts;

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
  }

  /** Carries the request to where it is addressed. @throws Dropped */
  *carry(trip: Trip): Process<Reply> {
    const { proxy, outside, network } = this.#parts;
    const { sender, request, protocol } = trip;
    const { ip, port } = request;
    // kube-proxy's rules are on nodes: what comes from outside meets them when it gets there.
    const service = sender.place && proxy.match(ip, port, protocol);
    if (sender.place && service) return yield* this.#toService(trip, sender.place, service);
    const balanced = outside.balancer(ip, port, protocol);
    if (balanced) {
      const node = sender.place?.host.network.root.ips[0];
      yield* sleep(FROM_OUTSIDE);
      const host = outside.through(trip, balanced, node ?? sender.ip);
      return yield* this.#intoNode(trip, { host, namespace: host.network.root, source: node ?? sender.ip }, balanced.targetPort);
    }
    if (sender.place) {
      const { host, namespace } = sender.place;
      // A node port of the sender's own machine is translated before the packet leaves.
      const own = network.hostAt(ip) === host ? proxy.matchNodePort(port, protocol) : undefined;
      if (own) return yield* this.#toEndpoint(trip, host, host.network.root, own, sender.ip, true);
      return yield* this.#throughNetwork(trip, namespace, { ip, port, pod: undefined });
    }
    const host = network.hostAt(ip);
    if (!host) return trip.drop('network', 'outside', `nobody has the address ${ip}`, 'ETIMEDOUT');
    network.enter(trip, host);
    yield* sleep(FROM_OUTSIDE);
    return yield* this.#intoNode(trip, { host, namespace: host.network.root, source: sender.ip }, port);
  }

  /** To a Service's own address: the sender's mesh says which Service it is in the end, the sender's node which endpoint. */
  *#toService(
    trip: Trip,
    { host, namespace }: { readonly host: Host; readonly namespace: NetworkNamespace },
    asked: ServiceMatch,
  ): Process<Reply> {
    const { mesh, proxy } = this.#parts;
    const { sender, protocol, request } = trip;
    let match = asked;
    let identity: Identity | undefined;
    let apex: string | undefined;
    if (mesh && !asked.external && asked.port) {
      identity = yield* mesh.identity(trip);
      if (identity) {
        const wanted = refOf(asked);
        const to = yield* mesh.route(trip, wanted);
        const found = proxy.named(to.namespace, to.service, to.port, protocol);
        if (!found?.port) {
          const unknown = `there is no Service ${to.namespace}/${to.service} with port ${to.port}/${protocol}`;
          const reply = request.protocol === 'http' ? { http: { status: 503, body: '' } } : undefined;
          return trip.drop('mesh-route', host.name, unknown, 'ECONNRESET', reply);
        }
        if (to.service !== wanted.service || to.namespace !== wanted.namespace) apex = wanted.service;
        match = found;
      }
    }
    return yield* this.#toEndpoint(trip, host, namespace, match, sender.ip, true, identity, apex);
  }

  /** kube-proxy on `host` chooses an endpoint, and the packet goes there from `namespace`. */
  *#toEndpoint(
    trip: Trip,
    host: Host,
    namespace: NetworkNamespace,
    match: ServiceMatch,
    client: string,
    local: boolean,
    identity?: Identity,
    apex?: string,
  ): Process<Reply> {
    const { proxy } = this.#parts;
    const { request, protocol } = trip;
    if (!match.port && request.port === match.service.spec.healthCheckNodePort)
      return healthCheck(trip, match, proxy.localEndpoints(match, host.name), host);
    if (!match.port) return trip.drop('service', host.name, `Service ${match.key} has no port ${request.port}/${protocol}`, 'ETIMEDOUT');
    const choice = proxy.choose(host, client, match, local);
    if (!choice.backend) return trip.drop('service', host.name, choice.why, choice.reject ? 'ECONNREFUSED' : 'ETIMEDOUT');
    const { backend, how, keepsSource } = choice;
    trip.note('service', host.name, `${match.key}:${match.port.port} to ${backend.ip}:${backend.port} (${how})`);
    const target: Target = {
      ...backend,
      to: refOf(match),
      ...(identity ? { identity } : {}),
      ...(apex === undefined ? {} : { apex }),
    };
    return yield* this.#throughNetwork(trip, namespace, target, keepsSource && !local ? client : undefined);
  }

  /** From a namespace over the network plugin's data path to whoever has the address. */
  *#throughNetwork(trip: Trip, from: NetworkNamespace, target: Target, source?: string): Process<Reply> {
    const { network, proxy } = this.#parts;
    const { host } = from.network;
    const machine = network.hostAt(target.ip);
    // Towards machines and the rest of the world a pod's address is hidden behind its node's: only the pod network knows pods.
    const seen = source ?? (machine && from !== host.network.root ? host.network.root.ips[0] : undefined);
    const arrival = network.send(trip, from, target.ip, seen);
    if (machine && arrival.host !== host) {
      const nodePort = proxy.matchNodePort(target.port, trip.protocol);
      if (nodePort && !target.to) {
        yield* sleep(this.#distance(host, arrival.host));
        return yield* this.#toEndpoint(trip, arrival.host, arrival.host.network.root, nodePort, arrival.source, false);
      }
    }
    return yield* this.#arrive(trip, host, arrival, target, source !== undefined && !trip.sender.place);
  }

  /** What has come to a machine from outside: a node port, else whoever listens there. */
  *#intoNode(trip: Trip, arrival: Arrival, port: number): Process<Reply> {
    const { proxy } = this.#parts;
    const { host, namespace, source } = arrival;
    const match = proxy.matchNodePort(port, trip.protocol);
    if (match) return yield* this.#toEndpoint(trip, host, namespace, match, source, false);
    trip.note('network', 'outside', host.name);
    return yield* this.#arrive(trip, host, arrival, { ip: namespace.ips[0] ?? '', port, pod: undefined }, true);
  }

  /** The receiver's side: may it come in, who listens, and does the answer find back. */
  *#arrive(trip: Trip, sent: Host, { host, namespace, source }: Arrival, target: Target, fromOutside: boolean): Process<Reply> {
    const { kernel, mesh, network } = this.#parts;
    const began = kernel.now;
    const distance = this.#distance(sent, host);
    yield* sleep(distance);
    this.#stillThere(trip, host, namespace);
    trip.at = host.name;
    const pod = this.#podAt(namespace, target);
    let success = false;
    try {
      if (mesh && pod) {
        const identity = target.identity ?? (yield* mesh.identity(trip));
        yield* mesh.authorise(trip, identity, pod, target.port, host.name);
      }
      const reply = yield* this.#hand(trip, host, namespace, target, source);
      // The machine may have gone, or been cut off, while it thought.
      this.#stillThere(trip, host, namespace);
      if (fromOutside) network.enter(trip, host);
      else network.sendBack(trip, namespace, source);
      yield* sleep(trip.sender.place ? distance : distance + FROM_OUTSIDE);
      const { http } = reply;
      success = http === undefined || http.status < 500;
      trip.note(
        'deliver',
        host.name,
        `${pod ? `pod ${pod.metadata.namespace}/${pod.metadata.name} ` : ''}${target.ip}:${target.port}${http ? ` HTTP ${http.status}` : ''}`,
      );
      return reply;
    } finally {
      if (mesh && target.to) {
        const { to, apex } = target;
        mesh.observe({ source: trip.sender.pod, destination: pod, to, apex }, success, kernel.now - began);
      }
    }
  }

  *#hand(trip: Trip, host: Host, namespace: NetworkNamespace, { ip, port }: Target, source: string): Process<Reply> {
    try {
      return yield* host.network.deliver({ ...trip.request, ip, port, sourceIp: source }, namespace);
    } catch (error) {
      const code = codeOf(error);
      if (!host.on) return trip.drop('deliver', host.name, `${host.name} lost its power`, 'ETIMEDOUT');
      if (code === 'ECONNREFUSED') return trip.drop('deliver', host.name, `nobody listens on ${ip}:${port}`, code);
      if (code === 'ECONNRESET') return trip.drop('deliver', host.name, `the server at ${ip}:${port} ended`, code);
      // A host port leads on into a container, which may be found wanting in its own words.
      if (error instanceof HostError) return trip.drop('deliver', host.name, error.message, error.code);
      throw error;
    }
  }

  /** Packets take time, and meanwhile a machine may lose its power or a container its network. */
  #stillThere(trip: Trip, host: Host, namespace: NetworkNamespace): void {
    if (!host.on) trip.drop('network', host.name, `host unreachable: ${host.name} has no power`, 'ETIMEDOUT');
    if (host.network.get(namespace.path) !== namespace)
      trip.drop('network', host.name, 'host unreachable: the container is gone', 'EHOSTUNREACH');
  }

  #podAt(namespace: NetworkNamespace, { ip, pod }: Target): Stored<Pod> | undefined {
    if (namespace === namespace.network.root) return undefined;
    const { view } = this.#parts;
    return (pod === undefined ? undefined : view.pods.get(pod)) ?? view.podAt(ip);
  }

  #distance(one: Host, other: Host): number {
    if (one === other) return WITHIN_NODE;
    const { view } = this.#parts;
    return view.zoneOf(one.name) === view.zoneOf(other.name) ? WITHIN_ZONE : BETWEEN_ZONES;
  }
}

const refOf = ({ service, port }: ServiceMatch): ServicePortRef => ({
  namespace: service.metadata.namespace ?? 'default',
  service: service.metadata.name,
  port: port?.port ?? 0,
});

/** What kube-proxy says of a node to balancers that ask. Source: `pkg/proxy/healthcheck/service_health.go`. */
function healthCheck(trip: Trip, { key, service }: ServiceMatch, localEndpoints: number, host: Host): Reply {
  const status = localEndpoints > 0 ? 200 : 503;
  trip.note('deliver', host.name, `kube-proxy's health check of Service ${key}: HTTP ${status}`);
  const { namespace, name } = service.metadata;
  return { http: { status, body: `${JSON.stringify({ service: { namespace, name }, localEndpoints })}\n` } };
}
