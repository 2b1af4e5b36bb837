import { HostError } from './errors.ts';
import { Interface, type InterfaceOptions } from './interface.ts';
import { canonicalIp, cidr, formatCidr, formatIp, isLoopback, parseIp } from './ip.ts';
import type { HostNetwork } from './network.ts';
import { RouteTable, type Route } from './routes.ts';
import type { Socket, Transport } from './sockets.ts';
import type { Owner } from '@slipway/kernel';

/** Linux: IFNAMSIZ less the closing zero. */
const MAX_NAME = 15;

/** A network stack of its own: interfaces, routes, sockets. */
export class NetworkNamespace {
  /** Such as `/var/run/netns/cni-1`; empty for the machine's own. */
  readonly path: string;
  readonly network: HostNetwork;
  readonly #interfaces = new Map<string, Interface>();
  readonly #routes = new RouteTable();
  /** A namespace has a handful of sockets, so a list is both smaller and faster than a map. */
  #sockets: Socket[] = [];

  /** Made by `HostNetwork.create`. */
  constructor(network: HostNetwork, path: string) {
    this.network = network;
    this.path = path;
    this.#interfaces.set('lo', new Interface(this, { name: 'lo', kind: 'loopback', mtu: 65536, mac: '00:00:00:00:00:00' }, 0));
    this.#interface('lo').addresses = LOOPBACK;
  }

  /** By name. Change them through this class only, which keeps the index of addresses. */
  get interfaces(): ReadonlyMap<string, Interface> {
    return this.#interfaces;
  }

  get routes(): readonly Route[] {
    return this.#routes.list();
  }

  get sockets(): readonly Socket[] {
    return this.#sockets;
  }

  /** Every address but loopback, without prefix, in the order of adding. */
  get ips(): readonly string[] {
    return [...this.#interfaces.values()].flatMap((link) =>
      link.kind === 'loopback' ? [] : link.addresses.map((address) => formatIp(cidr(address).ip)),
    );
  }

  /**
   * Adds an interface, up unless told otherwise. A veth names its `peer`, which is added to that one's namespace at the same time.
   *
   * @throws HostError EEXIST (name taken), EINVAL (name too long), ENODEV (no such bridge)
   */
  addInterface(options: InterfaceOptions): Interface {
    this.#checkName(options.name);
    if (options.peer) options.peer.namespace.#checkName(options.peer.name);
    if (options.peer?.namespace === this && options.peer.name === options.name) throw new HostError('EEXIST', `add link ${options.name}`);
    if (options.master !== undefined) this.#bridge(options.master);
    const link = this.#attach(new Interface(this, options, this.network.nextInterface()));
    if (options.peer) {
      const { namespace, name } = options.peer;
      const peer = namespace.#attach(
        new Interface(namespace, { ...options, name, kind: 'veth', addresses: [] }, this.network.nextInterface()),
      );
      peer.master = undefined;
      [link.peer, peer.peer] = [peer, link];
    }
    for (const address of options.addresses ?? []) this.addAddress(options.name, address);
    return link;
  }

  /** Removes an interface with its addresses and routes; a veth's other end goes too. @throws HostError ENODEV */
  removeInterface(name: string): void {
    const link = this.#interface(name);
    this.#detach(link);
    for (const port of this.#interfaces.values()) if (port.master === name) port.master = undefined;
    const { peer } = link;
    link.peer = undefined;
    if (peer) {
      peer.peer = undefined;
      peer.namespace.removeInterface(peer.name);
    }
  }

  /** Moves an interface to another namespace, as `ip link set … netns` does: it loses addresses, routes and master, and goes down. */
  moveInterface(name: string, to: NetworkNamespace, newName: string = name): Interface {
    const link = this.#interface(name);
    to.#checkName(newName);
    this.#detach(link);
    link.name = newName;
    link.namespace = to;
    link.addresses = [];
    link.master = undefined;
    link.up = false;
    return to.#attach(link);
  }

  /** Puts an interface under a bridge of this namespace, or takes it out. @throws HostError ENODEV, EINVAL (no bridge) */
  setMaster(name: string, bridge: string | undefined): void {
    if (bridge !== undefined) this.#bridge(bridge);
    this.#interface(name).master = bridge;
  }

  /** Interfaces under a bridge, in the order of adding. */
  ports(bridge: string): readonly Interface[] {
    return [...this.#interfaces.values()].filter(({ master }) => master === bridge);
  }

  /** Brings an interface up or down. Nobody reaches the addresses of one that is down, and going down loses its routes. */
  setUp(name: string, up: boolean): void {
    const link = this.#interface(name);
    if (link.up === up) return;
    if (!up) this.#unindex(link);
    link.up = up;
    if (up) this.#index(link);
    else this.#routes.removeDevice(name);
  }

  /**
   * Adds an address with its prefix, and the route to its link.
   *
   * @throws HostError EEXIST (the interface has it), ENODEV; RangeError (no CIDR)
   */
  addAddress(name: string, address: string): void {
    const link = this.#interface(name);
    const range = cidr(address);
    const written = formatCidr(range);
    if (link.addresses.includes(written)) throw new HostError('EEXIST', `add address ${written} to ${name}`);
    if (link.up) this.#unindex(link);
    link.addresses = [...link.addresses, written];
    if (link.up) this.#index(link);
  }

  /** @throws HostError EADDRNOTAVAIL (the interface has no such address), ENODEV */
  removeAddress(name: string, address: string): void {
    const link = this.#interface(name);
    const written = formatCidr(cidr(address));
    if (!link.addresses.includes(written)) throw new HostError('EADDRNOTAVAIL', `remove address ${written} from ${name}`);
    if (link.up) this.#unindex(link);
    link.addresses = link.addresses.filter((other) => other !== written);
    const { network, prefix } = cidr(written);
    const connected = formatCidr({ ip: network, network, prefix });
    if (this.#routes.list().some(({ dst, dev, gw }) => dst === connected && dev === name && gw === undefined))
      this.#routes.remove(connected, name);
    if (link.up) this.#index(link);
  }

  /** @throws HostError EEXIST, ENODEV; RangeError */
  addRoute(route: Route): void {
    this.#interface(route.dev);
    this.#routes.add(route);
  }

  /** False when there is none. Without `dev` it is the route that packets take now. */
  removeRoute(dst: string, dev?: string): boolean {
    return this.#routes.remove(dst, dev);
  }

  /** The route that a packet to this address takes: the longest prefix. */
  route(ip: string): Route | undefined {
    const address = parseIp(ip);
    return address && this.#routes.find(address);
  }

  /** Whether the address is one of this namespace: loopback, or on an interface that is up. */
  has(ip: string): boolean {
    // By index: a machine's own namespace has an interface for each of its pods.
    if (this.network.holds(ip, this)) return true;
    const address = parseIp(ip);
    if (!address) return false;
    const lo = this.#interfaces.get('lo');
    if (isLoopback(address)) return lo?.up ?? false;
    const wanted = formatIp(address);
    if (wanted !== ip && this.network.holds(wanted, this)) return true;
    // What was added to the loopback interface is nobody else's to find.
    return lo !== undefined && lo.up && lo.addresses.some((written) => written.startsWith(`${wanted}/`));
  }

  /**
   * Listens; connections are answered by the handler until the socket is closed.
   *
   * @returns what closes it
   * @throws HostError EADDRINUSE, EADDRNOTAVAIL (no such address here)
   */
  listen(socket: Socket): () => void {
    const { protocol, port, address } = socket;
    const what = `listen ${protocol} ${address ?? ''}:${port}: bind`;
    if (address !== undefined && !this.has(address)) throw new HostError('EADDRNOTAVAIL', what);
    const taken = this.#sockets.some(
      (other) =>
        other.port === port &&
        other.protocol === protocol &&
        (address === undefined || other.address === undefined || other.address === address),
    );
    // Several catch-alls in one namespace are models of programs whose ports nobody knows; the first answers.
    if (taken && port !== 0) throw new HostError('EADDRINUSE', what);
    this.#sockets.push(socket);
    return () => {
      this.#sockets = this.#sockets.filter((other) => other !== socket);
    };
  }

  /** Who answers at this port; `ip` matters where a listener is bound to one address. */
  socketAt(protocol: Transport, port: number, ip?: string): Socket | undefined {
    let any: Socket | undefined;
    for (const socket of this.#sockets) {
      if (socket.protocol !== protocol) continue;
      if (socket.port === port && (socket.address === undefined || ip === undefined || socket.address === canonicalIp(ip))) return socket;
      if (socket.port === 0) any ??= socket;
    }
    return any;
  }

  /** Closes what belongs to an owner that ended. */
  closeSockets(owner: Owner): void {
    if (this.#sockets.some((socket) => socket.owner === owner)) this.#sockets = this.#sockets.filter((socket) => socket.owner !== owner);
  }

  /** The namespace goes: sockets close, interfaces go (physical ones return to the machine's own namespace). For HostNetwork. */
  dissolve(): void {
    this.#sockets = [];
    const { root } = this.network;
    for (const { name, kind } of [...this.#interfaces.values()]) {
      if (kind === 'physical' && root !== this) this.moveInterface(name, root);
      // The peer of an earlier one may have been here too.
      else if (this.#interfaces.has(name)) this.removeInterface(name);
    }
  }

  #attach(link: Interface): Interface {
    this.#interfaces.set(link.name, link);
    if (link.up) this.#index(link);
    return link;
  }

  #detach(link: Interface): void {
    if (link.up) this.#unindex(link);
    this.#routes.removeDevice(link.name);
    this.#interfaces.delete(link.name);
  }

  #index(link: Interface): void {
    for (const address of link.addresses) {
      const { ip, network, prefix } = cidr(address);
      if (link.kind === 'loopback') continue;
      this.network.addressAdded(formatIp(ip), this);
      const connected = formatCidr({ ip: network, network, prefix });
      const single = prefix === (network.family === 4 ? 32 : 128);
      if (!single && !this.#routes.has(connected, link.name)) this.#routes.add({ dst: connected, dev: link.name });
    }
  }

  #unindex(link: Interface): void {
    if (link.kind !== 'loopback') for (const address of link.addresses) this.network.addressRemoved(formatIp(cidr(address).ip), this);
  }

  #interface(name: string): Interface {
    const link = this.#interfaces.get(name);
    if (!link) throw new HostError('ENODEV', `link ${name}`);
    return link;
  }

  #bridge(name: string): void {
    if (this.#interface(name).kind !== 'bridge') throw new HostError('EINVAL', `set master ${name}`);
  }

  #checkName(name: string): void {
    if (name === '' || name.length > MAX_NAME || /[\s/]/.test(name)) throw new HostError('EINVAL', `add link ${name}`);
    if (this.#interfaces.has(name)) throw new HostError('EEXIST', `add link ${name}`);
  }
}

const LOOPBACK = ['127.0.0.1/8', '::1/128'];
