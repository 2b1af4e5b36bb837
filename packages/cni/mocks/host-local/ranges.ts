import { type Cidr, cidr, compareIps, contains, formatIp, formatNetwork, type Ip, lastIp, nextIp, parseCidr, parseIp } from '@slipway/host';
import type { AddRequest, AddressRange, DelRequest, PluginConfig } from '../../contract.ts';
import { CNI_ERROR, CniError } from '../../errors.ts';

/** A range with everything filled in. */
export interface Range {
  readonly subnet: Cidr;
  readonly start: Ip;
  readonly end: Ip;
  readonly gateway: Ip;
}

/** One pool: an attachment gets one address from it. */
export type RangeSet = readonly Range[];

/**
 * The pools that a request asks for: those from the runtime, then the old single range, then `ipam.ranges`. Messages and order:
 * containernetworking/plugins plugins/ipam/host-local/backend/allocator/config.go, range.go, range_set.go.
 *
 * @throws CniError 7 naming what is wrong.
 */
export function rangeSetsOf({ ipam, runtimeConfig }: PluginConfig): readonly RangeSet[] {
  if (!ipam) throw invalid("IPAM config missing 'ipam' key");
  const listed = (ipam['ranges'] ?? []) as readonly (readonly AddressRange[])[];
  const single: readonly (readonly AddressRange[])[] = typeof ipam['subnet'] === 'string' ? [[ipam as unknown as AddressRange]] : [];
  const wanted = [...(runtimeConfig?.ipRanges ?? []), ...single, ...listed];
  if (wanted.length === 0) throw invalid('no IP ranges specified');
  const sets = wanted.map((set, at) => {
    try {
      return canonicalSet(set);
    } catch (error) {
      throw invalid(`invalid range set ${at}: ${(error as Error).message}`);
    }
  });
  for (const [at, set] of sets.entries()) {
    const other = sets.findIndex((later, index) => index > at && set.some((range) => later.some((its) => overlap(range, its))));
    if (other >= 0) throw invalid(`range set ${at} overlaps with ${other}`);
  }
  return sets;
}

/** Addresses that were asked for by name. Source: host-local README, "Supported arguments". */
export function requestedAddresses({ args, config }: AddRequest | DelRequest): readonly Ip[] {
  const { ips } = (config.args?.['cni'] ?? {}) as { readonly ips?: readonly string[] };
  const texts = [...(args?.['IP'] === undefined ? [] : [args['IP']]), ...(ips ?? []), ...(config.runtimeConfig?.ips ?? [])];
  return texts.map((text) => {
    const ip = parseIp(text.split('/')[0] ?? '');
    if (!ip) throw invalid(`cannot understand ip: IP ${text} not v4 nor v6`);
    return ip;
  });
}

/** Every address of the pool once, beginning after `last` and wrapping around; never a gateway. Source: allocator.go RangeIter. */
export function* roundRobin(set: RangeSet, last: Ip | undefined): Generator<{ readonly ip: Ip; readonly range: Range }> {
  const from = last ? set.findIndex((range) => has(range, last)) : -1;
  const first = set[from];
  if (first && last) yield* addresses(first, nextIp(last), first.end);
  for (let step = first ? 1 : 0; step < set.length; step += 1) {
    const range = set[(Math.max(from, 0) + step) % set.length];
    if (range) yield* addresses(range, range.start, range.end);
  }
  if (first && last) yield* addresses(first, first.start, last);
}

function* addresses(range: Range, from: Ip | undefined, to: Ip): Generator<{ readonly ip: Ip; readonly range: Range }> {
  for (let ip = from; ip && compareIps(ip, to) <= 0; ip = nextIp(ip)) {
    if (compareIps(ip, range.gateway) !== 0) yield { ip, range };
  }
}

/** The range of the pool that an address lies in. */
export function rangeFor(set: RangeSet, ip: Ip): Range | undefined {
  return set.find((range) => has(range, ip));
}

/** `10.244.1.1-10.244.1.254`, as it stands in messages. */
export function formatRangeSet(set: RangeSet): string {
  return set.map(({ start, end }) => `${formatIp(start)}-${formatIp(end)}`).join(',');
}

function has({ start, end }: Range, ip: Ip): boolean {
  return ip.family === start.family && compareIps(start, ip) <= 0 && compareIps(ip, end) <= 0;
}

function overlap(one: Range, other: Range): boolean {
  return has(one, other.start) || has(one, other.end) || has(other, one.start) || has(other, one.end);
}

function canonicalSet(set: readonly AddressRange[]): RangeSet {
  const ranges = set.map(canonical);
  const [first] = ranges;
  if (!first) throw new Error('empty range set');
  if (ranges.some((range) => range.start.family !== first.start.family)) throw new Error('mixed address families');
  for (const [at, range] of ranges.entries()) {
    const other = ranges.find((its, index) => index > at && overlap(range, its));
    if (other) throw new Error(`subnets ${formatRangeSet([range])} and ${formatRangeSet([other])} overlap`);
  }
  return ranges;
}

function canonical(range: AddressRange): Range {
  const subnet = parseCidr(range.subnet);
  if (!subnet) throw new Error(`invalid CIDR address: ${range.subnet}`);
  const { family } = subnet.ip;
  // A /31 or /32 has no address left once the network and the gateway have theirs.
  if (subnet.prefix > (family === 4 ? 30 : 126)) throw new Error(`Network ${range.subnet} too small to allocate from`);
  if (compareIps(subnet.ip, subnet.network) !== 0) {
    const network = formatIp(cidr(formatNetwork(subnet)).network);
    throw new Error(`Network has host bits set. For a subnet mask of length ${subnet.prefix} the network address is ${network}`);
  }
  const first = nextIp(subnet.network) as Ip;
  const last = family === 4 ? (nextIp(lastIp(subnet), -1) as Ip) : lastIp(subnet);
  const inside = (text: string | undefined, name: string): Ip | undefined => {
    if (text === undefined) return undefined;
    const ip = parseIp(text);
    if (!ip || !contains(subnet, ip)) throw new Error(`${name} ${text} not in network ${range.subnet}`);
    return ip;
  };
  const gateway = range.gateway === undefined ? first : parseIp(range.gateway);
  if (!gateway) throw new Error(`IP ${range.gateway} not v4 nor v6`);
  return { subnet, start: inside(range.rangeStart, 'RangeStart') ?? first, end: inside(range.rangeEnd, 'RangeEnd') ?? last, gateway };
}

function invalid(message: string): CniError {
  return new CniError(CNI_ERROR.INVALID_NETWORK_CONFIG, message);
}
