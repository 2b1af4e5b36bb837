import { type AddRequest, type CheckRequest, type Cni, CniError, type DelRequest, type GcRequest, type Result } from '@slipway/cni';
import { cidr, formatIp, type Host, lastIp, nextIp } from '@slipway/host';
import type { Random } from '@slipway/kernel';
import { definePlugin } from '@slipway/plugin';

interface Place {
  readonly host?: Host;
  readonly random: Random;
}

/**
 * A network plugin as a visitor writes it: the lowest free address of the node's range for each sandbox. What it knows is in its memory,
 * which goes with the machine's power, as its sandboxes do. Now and then the kernel is busy and refuses an interface.
 */
export class Network implements Cni {
  /** Sandboxes by address. */
  readonly taken = new Map<string, string>();
  readonly host: Host;
  readonly random: Random;

  constructor({ host, random }: Place) {
    if (!host) throw new Error('a network plugin runs on nodes');
    this.host = host;
    this.random = random;
  }

  add(request: AddRequest): Result {
    const { netns, ifname, config } = request;
    if (this.host.network.get(netns)?.interfaces.has(ifname) !== false)
      throw new CniError(100, `${netns} is gone, or has an ${ifname} already`);
    const subnet = this.subnetOf(request);
    const ip = this.choose(subnet);
    const address = `${ip}/${cidr(subnet).prefix}`;
    this.take(ip, request);
    try {
      this.plug(request, address);
    } catch (error) {
      this.undo(ip, request);
      throw error;
    }
    return { cniVersion: config.cniVersion, interfaces: [{ name: ifname, sandbox: netns }], ips: [{ address, interface: 0 }] };
  }

  del({ containerId, netns, ifname }: DelRequest): void {
    for (const [ip, holder] of this.taken) if (holder === containerId) this.release(ip);
    this.unplug(netns, ifname);
  }

  check({ containerId, netns, ifname }: CheckRequest): void {
    const addresses = this.host.network.get(netns)?.interfaces.get(ifname)?.addresses ?? [];
    if (!addresses.some((address) => this.taken.get(address.split('/')[0] ?? '') === containerId))
      throw new CniError(100, `${ifname} has lost its address`);
  }

  gc({ config }: GcRequest): void {
    const valid = new Set((config['cni.dev/valid-attachments'] ?? []).map(({ containerID }) => containerID));
    for (const [ip, holder] of this.taken) if (!valid.has(holder)) this.release(ip);
  }

  subnetOf({ config }: AddRequest): string {
    return String(config.subnet);
  }

  /** The lowest that nobody has; never the network's own, the gateway's or the broadcast address. */
  choose(subnet: string): string {
    const range = cidr(subnet);
    const last = lastIp(range).value;
    for (let ip = nextIp(range.network, 2); ip && ip.value < last; ip = nextIp(ip)) if (!this.taken.has(formatIp(ip))) return formatIp(ip);
    throw new CniError(100, `no address is free in ${subnet}`);
  }

  take(ip: string, { containerId }: AddRequest): void {
    this.taken.set(ip, containerId);
  }

  release(ip: string): void {
    this.taken.delete(ip);
  }

  plug({ netns, ifname }: AddRequest, address: string): void {
    if (this.random.chance(1, 4)) throw new CniError(100, 'the device is busy');
    this.host.network.get(netns)?.addInterface({ name: ifname, kind: 'dummy', addresses: [address] });
  }

  unplug(netns: string | undefined, ifname: string): void {
    const namespace = netns ? this.host.network.get(netns) : undefined;
    if (namespace?.interfaces.has(ifname)) namespace.removeInterface(ifname);
  }

  /** What a failed ADD took. */
  undo(ip: string, _request: AddRequest): void {
    this.release(ip);
  }
}

/** The same with its notes on the machine's disk, where they outlive a loss of power: one file for each address. */
export class NotingNetwork extends Network {
  readonly folder = '/var/lib/cni/networks/pods';

  constructor(place: Place) {
    super(place);
    const { files } = this.host;
    for (const { name, text } of files.exists(this.folder) ? files.texts(this.folder) : []) this.taken.set(name, text);
  }

  override take(ip: string, request: AddRequest): void {
    super.take(ip, request);
    this.host.files.write(`${this.folder}/${ip}`, request.containerId, { parents: true });
  }

  override release(ip: string): void {
    super.release(ip);
    if (this.host.files.exists(`${this.folder}/${ip}`)) this.host.files.remove(`${this.folder}/${ip}`);
  }
}

export default definePlugin({
  interface: 'cni',
  name: 'my-network',
  latency: { '*': '1ms..20ms' },
  create: (context) => new Network(context),
});
