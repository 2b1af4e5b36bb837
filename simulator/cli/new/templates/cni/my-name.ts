import type {
  AddRequest,
  CheckRequest,
  Cni,
  DelRequest,
  GcRequest,
  Result,
  StatusRequest,
  VersionRequest,
  VersionResult,
} from '@slipway/cni';
import { CNI_ERROR, CniError } from '@slipway/cni';
import { cidr, formatIp, type Host, lastIp, nextIp } from '@slipway/host';
import { definePlugin } from '@slipway/plugin';
import * as z from 'zod';

/** Who has which address: one file per address. On disk, because a machine's disk is all that outlives a loss of power. */
const LEASES = '/var/lib/cni/my-name';
const BRIDGE = 'pods0';

/**
 * A network plugin: each node has a bridge, each pod a veth pair with one end in it and an address of the node's range.
 *
 * The container runtime calls it, once for each interface of each pod sandbox. A plain class with plain methods is enough: the link between
 * runtime and plugin adds time and faults, checks the specification, and records every call. CNI 1.1.0, SPEC.md.
 */
class MyNameNetwork implements Cni {
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  /** The runtime has made the namespace; it is empty. What fails must leave nothing behind. */
  add({ containerId, netns, ifname, config }: AddRequest): Result {
    const namespace = this.#host.network.get(netns);
    if (!namespace) throw new CniError(CNI_ERROR.INVALID_ENVIRONMENT_VARIABLES, `there is no namespace ${netns}`);
    if (namespace.interfaces.has(ifname)) throw new CniError(100, `${netns} has an interface ${ifname} already`);

    // `subnet` is the node's podCIDR: without an agent of your own, Slipway writes it into /etc/cni/net.d for you.
    const range = cidr(String(config.subnet));
    const gateway = nextIp(range.network) ?? range.network;
    const ip = this.#freeAddress(String(config.subnet));
    const address = `${ip}/${range.prefix}`;

    const { root } = this.#host.network;
    if (!root.interfaces.has(BRIDGE))
      root.addInterface({ name: BRIDGE, kind: 'bridge', addresses: [`${formatIp(gateway)}/${range.prefix}`] });
    const mtu = Number(config.mtu ?? 1500);
    const hostEnd = hostEndOf(ip);
    root.addInterface({ name: hostEnd, kind: 'veth', mtu, master: BRIDGE, peer: { namespace, name: ifname } });
    namespace.addAddress(ifname, address);
    namespace.addRoute({ dst: '0.0.0.0/0', gw: formatIp(gateway), dev: ifname });
    this.#host.files.write(`${LEASES}/${ip}`, holder(containerId, ifname), { parents: true });

    return {
      cniVersion: config.cniVersion,
      interfaces: [{ name: hostEnd }, { name: ifname, sandbox: netns }],
      ips: [{ address, gateway: formatIp(gateway), interface: 1 }],
      routes: [{ dst: '0.0.0.0/0', gw: formatIp(gateway) }],
    };
  }

  /** Succeeds however often it is called, also when the namespace is gone, and also for what was never added. */
  del({ containerId, ifname }: DelRequest): void {
    const ip = this.#leases().get(holder(containerId, ifname));
    if (ip !== undefined) this.#free(ip);
  }

  /** Is everything as it was made? Optional, as are all methods that follow. */
  check({ containerId, netns, ifname }: CheckRequest): void {
    const ip = this.#leases().get(holder(containerId, ifname));
    const addresses = this.#host.network.get(netns)?.interfaces.get(ifname)?.addresses ?? [];
    if (ip === undefined || !addresses.some((address) => address.startsWith(`${ip}/`)))
      throw new CniError(100, `${ifname} in ${netns} has lost its address`);
  }

  /** Frees the addresses of all who are not on the list: what a crash left behind. */
  gc({ config }: GcRequest): void {
    const valid = new Set((config['cni.dev/valid-attachments'] ?? []).map(({ containerID, ifname }) => holder(containerID, ifname)));
    for (const [who, ip] of this.#leases()) if (!valid.has(who)) this.#free(ip);
  }

  status({ config }: StatusRequest): void {
    if (config.subnet === undefined) throw new CniError(CNI_ERROR.PLUGIN_NOT_AVAILABLE, 'the configuration names no subnet');
  }

  version({ cniVersion }: VersionRequest): VersionResult {
    return { cniVersion, supportedVersions: ['1.0.0', '1.1.0'] };
  }

  /** The pair goes with its address, whoever has the other end: the next one with this address makes a pair of the same name. */
  #free(ip: string): void {
    const { root } = this.#host.network;
    if (root.interfaces.has(hostEndOf(ip))) root.removeInterface(hostEndOf(ip)); // its other end goes with it
    this.#host.files.remove(`${LEASES}/${ip}`);
  }

  /** Addresses by holder. */
  #leases(): ReadonlyMap<string, string> {
    const { files } = this.#host;
    return new Map(files.exists(LEASES) ? files.texts(LEASES).map(({ name, text }) => [text, name]) : []);
  }

  /** The lowest that nobody has; never the network's own, the gateway's or the broadcast address. */
  #freeAddress(subnet: string): string {
    const range = cidr(subnet);
    const taken = new Set(this.#leases().values());
    const last = lastIp(range).value;
    for (let ip = nextIp(range.network, 2); ip && ip.value < last; ip = nextIp(ip)) if (!taken.has(formatIp(ip))) return formatIp(ip);
    throw new CniError(CNI_ERROR.TRY_AGAIN_LATER, `no address is free in ${subnet}`);
  }
}

const holder = (containerId: string, ifname: string): string => `${containerId}/${ifname}`;
/** The address is unique on the node, and a name may have 15 characters. */
const hostEndOf = (ip: string): string => `veth${ip.replace(/[^0-9a-f]/g, '').slice(-11)}`;

export default definePlugin({
  interface: 'cni',
  name: 'my-name',
  description: 'A bridge on each node, and addresses of its range',
  // What users may set: --set plugins.cni.with.mtu=1450. Options reach the plugin in `config`.
  options: z.strictObject({ mtu: z.int().min(1280).max(65535).default(1500) }),
  // How long calls take, in virtual time. A range is drawn from when races are explored.
  latency: { add: '8ms..20ms', del: '4ms..10ms', '*': '1ms' },
  // Called once per node.
  create({ host }) {
    if (!host) throw new Error('a network plugin is made per node');
    return new MyNameNetwork(host);
  },
});
