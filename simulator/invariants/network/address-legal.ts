import type { AddRequest, AddressRange, IpamConfig, Result } from '@slipway/cni';
import { cidr, contains, formatIp, type Ip, isLoopback, lastIp, parseCidr, parseIp } from '@slipway/host';
import type { Invariant, Watched } from '../invariant.ts';
import { describe, titleOfAttached } from './attachment-titles.ts';

/**
 * Judged at each ADD that succeeds: by the result itself (its own prefix and gateway), by the pool that the request names for the
 * plugin's IPAM, and by the addresses that the machine has itself (its own, its bridge's, its tunnel's).
 */
export const addressLegal: Invariant = {
  id: 'NET-02',
  name: 'address-legal',
  kind: 'S',
  holds: 'a pod address lies in its pool and is no reserved, gateway or tunnel address',
  watch: (world, { violated, met }, { attachments }) => ({
    answered: {
      'cni.Plugin/Add'({ call, answer, ok }) {
        const attachment = ok ? attachments.find(call) : undefined;
        if (!attachment) return;
        const { config } = call.full as AddRequest;
        // A later plugin of a chain hands on what it was given.
        if (config.prevResult) return;
        for (const { address, gateway } of (answer.full as Result).ips ?? []) {
          met();
          const wrong = illegal(address, gateway, config.ipam) ?? machineHas(world, attachment.node, address);
          if (wrong === undefined) continue;
          violated(
            `${answer.actor} answered ${call.name} for ${describe(attachment)} with ${address}, ${wrong}`,
            titleOfAttached(attachment),
          );
        }
      },
    },
  }),
};

function illegal(address: string, gateway: string | undefined, ipam: IpamConfig | undefined): string | undefined {
  const range = parseCidr(address);
  // A result that cannot be read is the link's to report.
  if (!range || isLoopback(range.ip)) return undefined;
  const { ip, prefix, network } = range;
  const same = (other: Ip | undefined): boolean => other?.family === ip.family && other.value === ip.value;
  const hosts = (ip.family === 4 ? 32 : 128) - prefix;
  // Networks of one or two addresses have neither: RFC 3021.
  if (hosts > 1 && same(network)) return 'the address of the network itself';
  if (hosts > 1 && ip.family === 4 && same(lastIp(range))) return "the network's broadcast address";
  if (gateway !== undefined && same(parseIp(gateway))) return 'the address of its own gateway';
  const pool = poolOf(ipam).filter(({ subnet }) => parseCidr(subnet)?.network.family === ip.family);
  if (pool.length > 0 && !pool.some((part) => isWithin(part, ip))) {
    return `which is outside of its pool, ${pool.map(({ subnet }) => subnet).join(' and ')}`;
  }
  return undefined;
}

/** `ranges` and `subnet` as host-local has them, which other plugins follow. */
function poolOf(ipam: IpamConfig | undefined): readonly AddressRange[] {
  const { ranges = [], subnet } = (ipam ?? {}) as { readonly ranges?: unknown; readonly subnet?: unknown };
  const listed = Array.isArray(ranges) ? (ranges.flat() as readonly AddressRange[]) : [];
  const all = typeof subnet === 'string' ? [...listed, ipam as unknown as AddressRange] : listed;
  return all.filter((range) => typeof range?.subnet === 'string' && parseCidr(range.subnet) !== undefined);
}

function isWithin({ subnet, rangeStart, rangeEnd }: AddressRange, ip: Ip): boolean {
  if (!contains(cidr(subnet), ip)) return false;
  const [start, end] = [parseIp(rangeStart ?? ''), parseIp(rangeEnd ?? '')];
  return (start === undefined || ip.value >= start.value) && (end === undefined || ip.value <= end.value);
}

function machineHas({ nodes }: Watched, node: string, address: string): string | undefined {
  const host = nodes.get(node)?.host;
  const ip = parseCidr(address)?.ip;
  if (!host?.on || !ip || isLoopback(ip)) return undefined;
  const text = formatIp(ip);
  return host.network.root.has(text) ? `an address that ${node} has itself` : undefined;
}
