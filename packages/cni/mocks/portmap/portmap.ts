import type { Host, NetworkRequest, Transport } from '@slipway/host';
import { codeOf } from '@slipway/kernel';
import type {
  AddRequest,
  Attachment,
  CheckRequest,
  Cni,
  DelRequest,
  GcRequest,
  PluginConfig,
  PortMapping,
  Result,
} from '../../contract.ts';
import { pluginError } from '../../errors.ts';

const TABLE = 'portmap';

interface Tables {
  /** By attachment. */
  readonly rules: Map<string, Rules>;
  /** Who has a port of the host now. */
  readonly ports: Map<string, { readonly close: () => void }>;
}

/** The rules of one attachment. */
interface Rules {
  readonly network: string;
  readonly attachment: Attachment;
  readonly ports: readonly string[];
  readonly close: () => void;
}

/**
 * The chained plugin `portmap`: ports of the host lead into the container. Rules are kept where Linux keeps them, in the running machine:
 * they are gone after a power loss. Two containers that want one port: the last one gets it. Follows containernetworking/plugins v1.9.1
 * plugins/meta/portmap; a rule is a socket of the host here, so a host process that listens on the port keeps it.
 */
export class Portmap implements Cni {
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  /** Of all lives of the plugin since the machine got its power. */
  get #tables(): Tables {
    const { tables } = this.#host;
    const there = tables.get(TABLE) as Tables | undefined;
    if (there) return there;
    const fresh: Tables = { rules: new Map(), ports: new Map() };
    tables.set(TABLE, fresh);
    return fresh;
  }

  /** @throws CniError 999: not chained, or a port that is none */
  add({ containerId, ifname, netns, config }: AddRequest): Result {
    const { prevResult } = config;
    if (!prevResult) throw pluginError('must be called as chained plugin');
    const mappings = mappingsOf(config);
    const key = keyOf(config.name, containerId, ifname);
    this.#drop(key);
    const open = mappings.flatMap((mapping) => {
      const ip = addressIn(prevResult, ifname, netns, mapping.hostIP?.includes(':') ?? false);
      return ip === undefined ? [] : [this.#open(mapping, ip)];
    });
    if (open.length > 0) {
      this.#tables.rules.set(key, {
        network: config.name,
        attachment: { containerID: containerId, ifname },
        ports: open.map(({ port }) => port),
        close: () => {
          for (const rule of open) rule.close();
        },
      });
    }
    return prevResult;
  }

  del({ containerId, ifname, config }: DelRequest): void {
    this.#drop(keyOf(config.name, containerId, ifname));
  }

  /** @throws CniError 999: a rule is missing */
  check({ containerId, ifname, config }: CheckRequest): void {
    if (!config.prevResult) throw pluginError('Required prevResult missing');
    const key = keyOf(config.name, containerId, ifname);
    for (const mapping of mappingsOf(config)) {
      const port = portOf(mapping);
      if (!this.#tables.rules.get(key)?.ports.includes(port)) throw pluginError(`could not check chain for port ${port}`);
    }
  }

  gc({ config }: GcRequest): void {
    const valid = new Set(
      (config['cni.dev/valid-attachments'] ?? []).map(({ containerID, ifname }) => keyOf(config.name, containerID, ifname)),
    );
    for (const [key, { network }] of [...this.#tables.rules]) if (network === config.name && !valid.has(key)) this.#drop(key);
  }

  #open(mapping: PortMapping, ip: string): { readonly port: string; readonly close: () => void } {
    const { ports } = this.#tables;
    const port = portOf(mapping);
    ports.get(port)?.close();
    const { network } = this.#host;
    const { hostPort, containerPort, hostIP } = mapping;
    let stop: (() => void) | undefined;
    try {
      stop = network.root.listen({
        protocol: protocolOf(mapping),
        port: hostPort,
        ...(hostIP && !isAny(hostIP) ? { address: hostIP } : {}),
        owner: this.#host.owner,
        handler: (request: NetworkRequest) => network.deliver({ ...request, ip, port: containerPort }),
      });
    } catch (error) {
      // A process of the host has the port, or the host has no such address: packet rules would be there and never match.
      if (codeOf(error) !== 'EADDRINUSE' && codeOf(error) !== 'EADDRNOTAVAIL') throw error;
    }
    const rule = {
      close: (): void => {
        stop?.();
        stop = undefined;
        if (ports.get(port) === rule) ports.delete(port);
      },
    };
    ports.set(port, rule);
    return { port, close: rule.close };
  }

  #drop(key: string): void {
    this.#tables.rules.get(key)?.close();
    this.#tables.rules.delete(key);
  }
}

function mappingsOf({ runtimeConfig }: PluginConfig): readonly PortMapping[] {
  const mappings = runtimeConfig?.portMappings ?? [];
  for (const { containerPort, hostPort } of mappings) {
    if (!(containerPort > 0)) throw pluginError(`Invalid container port number: ${containerPort}`);
    if (!(hostPort > 0)) throw pluginError(`Invalid host port number: ${hostPort}`);
  }
  return mappings;
}

/** The first address of the family on the interface in its namespace. Source: portmap main.go parseConfig. */
function addressIn({ ips = [], interfaces = [] }: Result, ifname: string, netns: string, ipv6: boolean): string | undefined {
  const found = ips.find(({ address, interface: index }) => {
    const link = index === undefined ? undefined : interfaces[index];
    return address.includes(':') === ipv6 && (index === undefined || (link?.name === ifname && link.sandbox === netns));
  });
  return found?.address.split('/')[0];
}

function protocolOf({ protocol }: PortMapping): Transport {
  const lower = (protocol ?? 'tcp').toLowerCase();
  return lower === 'udp' || lower === 'sctp' ? lower : 'tcp';
}

function portOf(mapping: PortMapping): string {
  return `${mapping.hostIP && !isAny(mapping.hostIP) ? mapping.hostIP : '*'}:${mapping.hostPort}/${protocolOf(mapping)}`;
}

function isAny(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}

function keyOf(network: string, containerId: string, ifname: string): string {
  return `${network}\n${containerId}\n${ifname}`;
}
