import type { Host, HostNetwork, Interface, NetworkNamespace, Route } from '@slipway/host';
import type { DataPath, DropReason, Hop, Journey, Packet, TunnelRoute } from './data-path.ts';

/** The network that the hosts themselves are in. */
export interface Underlay {
  /** The host with this address. Undefined: there is none, or `from` cannot see it. */
  host(address: string, from: Host): Host | undefined;
  /** Whether something keeps the packets of two hosts apart: a partition. Left out: nothing does. */
  cut?(from: Host, to: Host): boolean;
  /** The host that an address which is no host's own is passed to: cloud routes, leases that are looked up. Left out: it knows none. */
  routed?(address: string, from: Host): Host | undefined;
  /** Far end of a tunnel for an address whose route names none: a lease that is looked up when the first packet misses it. */
  tunnel?(address: string, from: Host): TunnelRoute['tunnel'] | undefined;
}

/** Linux's default time to live. */
const TIME_TO_LIVE = 64;

type Step = NetworkNamespace | DropReason;

/** Follows interfaces, bridges, tunnels and routes as the hosts have them: what bridge, flannel and cloud routes need. */
export class HostDataPath implements DataPath {
  readonly #underlay: Underlay;

  constructor(underlay: Underlay) {
    this.#underlay = underlay;
  }

  send(packet: Packet): Journey {
    const hops: Hop[] = [];
    const { destination, from } = packet;
    const source = packet.source ?? sourceAddress(from, destination);
    let namespace = from;
    for (let hop = 0; hop < TIME_TO_LIVE; hop += 1) {
      if (namespace.has(destination)) {
        hops.push({ ...placeOf(namespace), device: '', action: 'deliver', to: destination });
        return { source, hops, verdict: { delivered: true, namespace } };
      }
      const next = this.#step(namespace, packet, hops);
      if (typeof next === 'string') return { source, hops, verdict: { delivered: false, reason: next, node: nodeOf(namespace) } };
      namespace = next;
    }
    return { source, hops, verdict: { delivered: false, reason: 'time to live exceeded', node: nodeOf(namespace) } };
  }

  #step(namespace: NetworkNamespace, { from, destination, sizeBytes = 0 }: Packet, hops: Hop[]): Step {
    // Containers do not forward what is not theirs.
    if (namespace !== from && namespace !== namespace.network.root) return 'host unreachable';
    const route = namespace.route(destination);
    if (!route) return 'no route';
    const device = namespace.interfaces.get(route.dev);
    if (!device?.up) return 'interface down';
    if (sizeBytes > device.mtu) return 'message too long';
    const to = route.gw ?? destination;
    const record = (action: Hop['action'], target: string): void =>
      void hops.push({ ...placeOf(namespace), device: device.name, action, to: target });
    switch (device.kind) {
      case 'bridge':
        record('bridge', to);
        return acrossBridge(namespace, device, to);
      case 'vxlan':
        return this.#throughTunnel(namespace, device, route, destination, hops);
      case 'physical':
        record('send', to);
        return this.#overWire(namespace.network, route, destination);
      default: {
        record('send', to);
        return acrossVeth(device, to);
      }
    }
  }

  #throughTunnel({ network }: NetworkNamespace, device: Interface, route: Route, destination: string, hops: Hop[]): Step {
    const tunnel = (route as Partial<TunnelRoute>).tunnel ?? this.#underlay.tunnel?.(destination, network.host);
    if (!tunnel) return 'host unreachable';
    hops.push({ ...placeOf(network.root), device: device.name, action: 'encapsulate', to: tunnel.remote });
    // What is inside the tunnel is a packet between hosts, and needs a way of its own.
    if (!network.root.route(tunnel.remote)) return 'no route';
    const far = this.#underlay.host(tunnel.remote, network.host);
    if (!far || this.#severed(network.host, far)) return 'host unreachable';
    const { root } = far.network;
    // A host that was made anew has another hardware address: frames to the old one are dropped there.
    const takes = ({ kind, mac, up }: Interface): boolean => kind === 'vxlan' && up && mac === tunnel.mac;
    // Its far end nearly always has the same name; a host has an interface for each of its pods, so looking through them all is the exception.
    const namesake = root.interfaces.get(device.name);
    const end = namesake && takes(namesake) ? namesake : [...root.interfaces.values()].find(takes);
    if (!end) return 'host unreachable';
    hops.push({ ...placeOf(root), device: end.name, action: 'decapsulate', to: destination });
    return root;
  }

  #overWire({ host }: HostNetwork, { gw }: Route, destination: string): Step {
    const near = this.#underlay.host(gw ?? destination, host);
    if (near) return this.#severed(host, near) ? 'host unreachable' : near.network.root;
    // The next hop is a router: it knows the hosts' own addresses, and the routes that it was given.
    const far = (gw === undefined ? undefined : this.#underlay.host(destination, host)) ?? this.#underlay.routed?.(destination, host);
    if (!far) return gw === undefined ? 'host unreachable' : 'left the cluster';
    return this.#severed(host, far) ? 'host unreachable' : far.network.root;
  }

  #severed(from: Host, to: Host): boolean {
    return !to.on || (from !== to && this.#underlay.cut?.(from, to) === true);
  }
}

function acrossVeth({ peer }: Interface, to: string): Step {
  if (!peer) return 'host unreachable';
  if (!peer.up) return 'interface down';
  const bridge = peer.master === undefined ? undefined : peer.namespace.interfaces.get(peer.master);
  if (peer.master === undefined) return peer.namespace;
  return bridge?.up ? acrossBridge(peer.namespace, bridge, to) : 'interface down';
}

/** Whoever answers for the address on this bridge: its host, or the far end of one of its ports. */
function acrossBridge(namespace: NetworkNamespace, bridge: Interface, to: string): Step {
  if (hasAddress(bridge, to)) return namespace;
  const there = namespace.network.resolve(to);
  if (!there) return 'host unreachable';
  for (const link of there.interfaces.values()) {
    if (!hasAddress(link, to) || !link.up) continue;
    if (link.peer?.up && link.peer.namespace === namespace && link.peer.master === bridge.name) return there;
  }
  return 'host unreachable';
}

function hasAddress({ addresses }: Interface, address: string): boolean {
  return addresses.some((own) => own.startsWith(`${address}/`));
}

/** The address of the interface that the packet leaves through; that of any other if it has none. Source: Linux inet_select_addr. */
function sourceAddress(namespace: NetworkNamespace, destination: string): string {
  if (namespace.has(destination)) return destination;
  const route = namespace.route(destination);
  const family = destination.includes(':');
  const first = (addresses: readonly string[] | undefined): string | undefined =>
    addresses?.find((address) => address.includes(':') === family)?.split('/')[0];
  return first(route && namespace.interfaces.get(route.dev)?.addresses) ?? first(namespace.ips.map((ip) => `${ip}/`)) ?? '';
}

function placeOf(namespace: NetworkNamespace): { readonly node: string; readonly netns: string } {
  return { node: nodeOf(namespace), netns: namespace.path };
}

function nodeOf({ network }: NetworkNamespace): string {
  return network.host.name;
}
