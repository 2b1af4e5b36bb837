import { compareIps, type FileSystem, formatCidr, formatIp, type Ip, parseIp } from '@slipway/host';
import { messageOf } from '@slipway/kernel';
import type {
  AddRequest,
  Attachment,
  CheckRequest,
  Cni,
  DelRequest,
  Dns,
  GcRequest,
  PluginConfig,
  Result,
  ResultIp,
  ResultRoute,
} from '../../contract.ts';
import { pluginError } from '../../errors.ts';
import { shaped } from '../result-version.ts';
import { formatRangeSet, rangeFor, rangeSetsOf, requestedAddresses, roundRobin, type RangeSet } from './ranges.ts';
import { Reservations } from './reservations.ts';

/** Where reservations are kept unless the configuration says otherwise. */
export const DEFAULT_DATA_DIRECTORY = '/var/lib/cni/networks';

/**
 * The IPAM plugin `host-local`: hands out the addresses of this host's own ranges in turn, and remembers them in files. What it differs
 * in from containernetworking/plugins v1.9.1: it has GC and STATUS.
 */
export class HostLocal implements Cni {
  readonly #files: FileSystem;

  constructor(files: FileSystem) {
    this.#files = files;
  }

  /** One address per range set. @throws CniError 7 (configuration), 999 (none free, taken, or the attachment has one already). */
  add(request: AddRequest): Result {
    const { config } = request;
    const reservations = this.#reservations(config);
    const attachment = attachmentOf(request);
    const wanted = [...requestedAddresses(request)];
    const sets = rangeSetsOf(config);
    const ips: ResultIp[] = [];
    try {
      for (const [at, set] of sets.entries()) {
        const index = wanted.findIndex((ip) => rangeFor(set, ip));
        const [requested] = index < 0 ? [] : wanted.splice(index, 1);
        try {
          ips.push(
            requested ? reserveRequested(reservations, attachment, set, at, requested) : reserveNext(reservations, attachment, set, at),
          );
        } catch (error) {
          throw pluginError(`failed to allocate for range ${at}: ${messageOf(error)}`);
        }
      }
      if (wanted.length > 0) throw pluginError(`failed to allocate all requested IPs: ${wanted.map(formatIp).join(' ')}`);
    } catch (error) {
      const taken = new Set(ips.map(({ address }) => address.split('/')[0]));
      for (const held of reservations.heldBy(attachment)) if (taken.has(held.address)) reservations.release(held);
      throw error;
    }
    const routes = config.ipam?.['routes'] as readonly ResultRoute[] | undefined;
    const dns = this.#dns(config);
    return shaped({ cniVersion: config.cniVersion, ips, ...(routes ? { routes } : {}), ...(dns ? { dns } : {}) });
  }

  /** Gives back whatever the attachment holds, if anything. */
  del(request: DelRequest): void {
    const reservations = this.#reservations(request.config);
    for (const held of reservations.heldBy(attachmentOf(request))) reservations.release(held);
  }

  /** @throws CniError 999 when the attachment holds no address. */
  check(request: CheckRequest): void {
    if (this.#reservations(request.config).heldBy(attachmentOf(request)).length === 0) {
      throw pluginError(`host-local: Failed to find address added by container ${request.containerId}`);
    }
  }

  /** Gives back what no valid attachment holds. */
  gc({ config }: GcRequest): void {
    const valid = new Set((config['cni.dev/valid-attachments'] ?? []).map(({ containerID, ifname }) => `${containerID}\n${ifname}`));
    const reservations = this.#reservations(config);
    for (const held of reservations.list()) if (!valid.has(`${held.containerId}\n${held.ifname}`)) reservations.release(held);
  }

  #reservations({ name, ipam }: PluginConfig): Reservations {
    const { dataDir } = (ipam ?? {}) as { readonly dataDir?: string };
    return new Reservations(this.#files, dataDir || DEFAULT_DATA_DIRECTORY, name);
  }

  /** Settings of the file that `ipam.resolvConf` names. Source: plugins/ipam/host-local/dns.go. */
  #dns({ ipam }: PluginConfig): Dns | undefined {
    const file = ipam?.['resolvConf'];
    if (typeof file !== 'string' || file === '') return undefined;
    if (!this.#files.exists(file)) throw pluginError(`open ${file}: no such file or directory`);
    const lines = this.#files
      .readText(file)
      .split('\n')
      .map((line) => line.trim().split(/\s+/));
    const values = (keyword: string): readonly string[] => lines.flatMap(([first, ...rest]) => (first === keyword ? rest : []));
    const [domain] = values('domain');
    return { nameservers: values('nameserver'), ...(domain ? { domain } : {}), search: values('search'), options: values('options') };
  }
}

function reserveRequested(reservations: Reservations, attachment: Attachment, set: RangeSet, at: number, ip: Ip): ResultIp {
  const range = rangeFor(set, ip);
  if (!range) throw pluginError(`${formatIp(ip)} not in range set ${formatRangeSet(set)}`);
  if (compareIps(ip, range.gateway) === 0) throw pluginError(`requested ip ${formatIp(ip)} is subnet's gateway`);
  if (!reservations.reserve(ip, attachment, at)) {
    throw pluginError(`requested IP address ${formatIp(ip)} is not available in range set ${formatRangeSet(set)}`);
  }
  return { address: formatCidr({ ...range.subnet, ip }), gateway: formatIp(range.gateway) };
}

function reserveNext(reservations: Reservations, attachment: Attachment, set: RangeSet, at: number): ResultIp {
  for (const { address } of reservations.heldBy(attachment)) {
    const held = parseIp(address);
    if (held && rangeFor(set, held)) {
      throw pluginError(`${address} has been allocated to ${attachment.containerID}, duplicate allocation is not allowed`);
    }
  }
  for (const { ip, range } of roundRobin(set, reservations.last(at))) {
    if (reservations.reserve(ip, attachment, at)) return { address: formatCidr({ ...range.subnet, ip }), gateway: formatIp(range.gateway) };
  }
  throw pluginError(`no IP addresses available in range set: ${formatRangeSet(set)}`);
}

function attachmentOf({ containerId, ifname }: DelRequest): Attachment {
  return { containerID: containerId, ifname };
}
