import { cidr, contains, formatIp, type Host, type Ip, type Interface, type NetworkNamespace, nextIp } from '@slipway/host';
import { codeOf, hashText, messageOf } from '@slipway/kernel';
import type { AddRequest, CheckRequest, Cni, DelRequest, GcRequest, Result, ResultIp, ResultRoute, StatusRequest } from '../../contract.ts';
import { pluginError } from '../../errors.ts';
import { delegateOf, type FindDelegate } from '../plugin-directory.ts';
import { shaped } from '../result-version.ts';
import { type BridgeConfig, bridgeConfig } from './config.ts';
import { checkAttachment } from './check.ts';

/** A name may be taken; upstream gives up after as many tries. */
const NAME_TRIES = 10;

/**
 * The plugin `bridge`: a veth pair for each container, the host's end in a bridge, addresses from an IPAM plugin. Pods of one host reach
 * each other; other hosts are someone else's business. Follows containernetworking/plugins v1.9.1 plugins/main/bridge, and differs:
 * a failed ADD takes its veth back, and GC is passed on to the IPAM plugin.
 */
export class BridgePlugin implements Cni {
  readonly #host: Host;
  readonly #find: FindDelegate;

  /** @param find looks up the IPAM plugin that the configuration names */
  constructor(host: Host, find: FindDelegate) {
    this.#host = host;
    this.#find = find;
  }

  /** @throws CniError 2 (not simulated), 999 (no namespace, interface exists, whatever the IPAM plugin says) */
  add(request: AddRequest): Result {
    const { netns, ifname, config } = request;
    const wanted = bridgeConfig(config);
    const bridge = this.#ensureBridge(wanted);
    const namespace = this.#namespace(netns);
    const [hostEnd, end] = this.#makeVeth(request, wanted, namespace);
    try {
      const result: Result = {
        cniVersion: config.cniVersion,
        interfaces: [describe(bridge), describe(hostEnd), { ...describe(end), sandbox: netns }],
      };
      return shaped(wanted.ipam === undefined ? result : { ...result, ...this.#layer3(request, wanted, wanted.ipam, namespace) });
    } catch (error) {
      namespace.removeInterface(ifname);
      throw error;
    }
  }

  del(request: DelRequest): void {
    const { ipam } = bridgeConfig(request.config);
    const namespace = request.netns ? this.#host.network.get(request.netns) : undefined;
    const end = namespace?.interfaces.get(request.ifname);
    // A late DEL must not take the interface that a newer container has under the same name.
    if (end?.peer && [...this.#hostNames(request)].includes(end.peer.name)) namespace?.removeInterface(request.ifname);
    if (ipam !== undefined) delegateOf(this.#find, ipam).del(request);
  }

  /** @throws CniError 999 naming the first thing that is not as `prevResult` has it */
  check(request: CheckRequest): void {
    const wanted = bridgeConfig(request.config);
    const namespace = this.#namespace(request.netns);
    if (wanted.ipam !== undefined) delegateOf(this.#find, wanted.ipam).check?.(request);
    checkAttachment(request, wanted.bridge, namespace, this.#host.network.root);
  }

  gc(request: GcRequest): void {
    const { ipam } = bridgeConfig(request.config);
    if (ipam !== undefined) delegateOf(this.#find, ipam).gc?.(request);
  }

  status(request: StatusRequest): void {
    const { ipam } = bridgeConfig(request.config);
    if (ipam !== undefined) delegateOf(this.#find, ipam).status?.(request);
  }

  #layer3(request: AddRequest, wanted: BridgeConfig, type: string, namespace: NetworkNamespace): Pick<Result, 'ips' | 'routes' | 'dns'> {
    const { config, ifname } = request;
    const ipam = delegateOf(this.#find, type);
    try {
      const given = ipam.add(request);
      if (!given.ips?.length) throw pluginError('IPAM plugin returned missing IP config');
      const ips = given.ips.map((ip) => withGateway(ip, wanted));
      const routes = wanted.isDefaultGateway ? withDefaults(given.routes ?? [], ips) : given.routes;
      configure(namespace, ifname, ips, routes ?? []);
      if (wanted.isGateway) for (const ip of ips) this.#ensureGateway(wanted, ip);
      const dns = config.dns ?? given.dns;
      return { ips, ...(routes ? { routes } : {}), ...(dns ? { dns } : {}) };
    } catch (error) {
      ipam.del(request);
      throw error;
    }
  }

  #ensureBridge({ bridge: name, mtu }: BridgeConfig): Interface {
    const { root } = this.#host.network;
    const there = root.interfaces.get(name);
    if (there && there.kind !== 'bridge')
      throw pluginError(`failed to create bridge "${name}": "${name}" already exists but is not a bridge`);
    return there ?? root.addInterface({ name, kind: 'bridge', ...(mtu > 0 ? { mtu } : {}) });
  }

  /** Source: bridge.go ensureAddr. */
  #ensureGateway({ bridge, forceAddress }: BridgeConfig, { address, gateway }: ResultIp): void {
    const { root } = this.#host.network;
    const own = `${gateway}/${cidr(address).prefix}`;
    const link = root.interfaces.get(bridge);
    if (!gateway || !link || link.addresses.includes(own)) return;
    for (const other of link.addresses) {
      if (!clash(other, own)) continue;
      if (!forceAddress) throw pluginError(`failed to set bridge addr: "${bridge}" already has an IP address different from ${own}`);
      root.removeAddress(bridge, other);
    }
    root.addAddress(bridge, own);
  }

  #namespace(netns: string): NetworkNamespace {
    const namespace = this.#host.network.get(netns);
    if (!namespace) throw pluginError(`failed to open netns "${netns}": failed to Statfs "${netns}": no such file or directory`);
    return namespace;
  }

  #makeVeth(request: AddRequest, wanted: BridgeConfig, namespace: NetworkNamespace): readonly [hostEnd: Interface, end: Interface] {
    const { root } = this.#host.network;
    const { ifname } = request;
    let name: string | undefined;
    for (const candidate of this.#hostNames(request)) {
      if (root.interfaces.has(candidate)) continue;
      name = candidate;
      break;
    }
    if (name === undefined || namespace.interfaces.has(ifname)) {
      throw pluginError(`container veth name ("${ifname}") peer provided ("${name ?? ''}") already exists`);
    }
    const hostEnd = root.addInterface({
      name,
      kind: 'veth',
      master: wanted.bridge,
      peer: { namespace, name: ifname },
      ...(wanted.mtu > 0 ? { mtu: wanted.mtu } : {}),
      ...(wanted.mac === undefined ? {} : { mac: wanted.mac }),
    });
    return [hostEnd, namespace.interfaces.get(ifname) as Interface];
  }

  /** Names that the host's end may have. Upstream draws them; here they follow from the attachment, so that DEL knows its own. */
  *#hostNames({ containerId, ifname, config }: Pick<DelRequest, 'containerId' | 'ifname' | 'config'>): Generator<string> {
    for (let round = 0; round < NAME_TRIES; round += 1) {
      const hash = hashText(`${config.name} ${containerId} ${ifname}`, round);
      yield `veth${hash.toString(16).padStart(8, '0')}`;
    }
  }
}

function describe({ name, mac, mtu }: Interface): { readonly name: string; readonly mac: string; readonly mtu: number } {
  return { name, mac, mtu };
}

/** Fills in the gateway and says which interface has the address: the third in the result. Source: bridge.go calcGateways. */
function withGateway(ip: ResultIp, { isGateway }: BridgeConfig): ResultIp {
  const first = isGateway ? nextIp(cidr(ip.address).network) : undefined;
  const gateway = ip.gateway ?? (first && formatIp(first));
  return { ...ip, ...(gateway === undefined ? {} : { gateway }), interface: 2 };
}

function withDefaults(routes: readonly ResultRoute[], ips: readonly ResultIp[]): readonly ResultRoute[] {
  const all = [...routes];
  for (const { address, gateway } of ips) {
    const dst = address.includes(':') ? '::/0' : '0.0.0.0/0';
    if (gateway !== undefined && !all.some((route) => route.dst === dst && route.gw !== undefined)) all.push({ dst, gw: gateway });
  }
  return all;
}

/** Source: containernetworking/plugins pkg/ipam/ipam_linux.go ConfigureIface. */
function configure(namespace: NetworkNamespace, ifname: string, ips: readonly ResultIp[], routes: readonly ResultRoute[]): void {
  for (const { address } of ips) namespace.addAddress(ifname, address);
  for (const { dst, gw } of routes) {
    const family = dst.includes(':');
    const via = gw ?? ips.find((ip) => ip.gateway !== undefined && ip.gateway.includes(':') === family)?.gateway;
    try {
      namespace.addRoute({ dst, dev: ifname, ...(via === undefined ? {} : { gw: via }) });
    } catch (error) {
      // Of two routes to one place the first wins.
      if (codeOf(error) !== 'EEXIST') throw pluginError(`failed to add route '${dst} via ${via} dev ${ifname}': ${messageOf(error)}`);
    }
  }
}

/** IPv4: a bridge has one address. IPv6: as many as do not overlap. */
function clash(one: string, other: string): boolean {
  const [a, b] = [cidr(one), cidr(other)];
  const within = (range: typeof a, ip: Ip): boolean => contains(range, ip);
  return a.ip.family === b.ip.family && (a.ip.family === 4 || within(a, b.ip) || within(b, a.ip));
}
