/** An IPv4 or IPv6 address as an exact number. */
export interface Ip {
  readonly family: 4 | 6;
  readonly value: bigint;
}

/** A range of addresses, with the address that was written before the slash (`10.0.0.5/24` keeps its 5). */
export interface Cidr {
  readonly ip: Ip;
  /** Length of the prefix in bits: 0 to 32 or 0 to 128. */
  readonly prefix: number;
  /** First address of the range. */
  readonly network: Ip;
}

const widthOf = (family: 4 | 6): number => (family === 4 ? 32 : 128);

/** Reads an address; undefined when the text is none. Leading zeros in IPv4 and zones in IPv6 are refused, as Go's net.ParseIP does. */
export function parseIp(text: string): Ip | undefined {
  const value = text.includes(':') ? ipv6Value(text) : ipv4Value(text);
  return value === undefined ? undefined : { family: text.includes(':') ? 6 : 4, value };
}

/** Reads an address. @throws RangeError naming the text when it is none. */
export function ip(text: string): Ip {
  const parsed = parseIp(text);
  if (!parsed) throw new RangeError(`"${text}" is no IP address`);
  return parsed;
}

/** Reads `address/prefix`; undefined when the text is no such thing. */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/');
  if (slash < 0) return undefined;
  const address = parseIp(text.slice(0, slash));
  const digits = text.slice(slash + 1);
  if (!address || !/^(0|[1-9]\d{0,2})$/.test(digits)) return undefined;
  const prefix = Number(digits);
  if (prefix > widthOf(address.family)) return undefined;
  return { ip: address, prefix, network: { family: address.family, value: maskedValue(address, prefix) } };
}

/** Reads `address/prefix`. @throws RangeError naming the text when it is none. */
export function cidr(text: string): Cidr {
  const parsed = parseCidr(text);
  if (!parsed) throw new RangeError(`"${text}" is no CIDR range: write for example 10.244.0.0/16 or fd00::/64`);
  return parsed;
}

/** Writes an address canonically: dotted, or as RFC 5952 has it (lower case, longest run of zeros as `::`). */
export function formatIp({ family, value }: Ip): string {
  if (family === 4) return `${value >> 24n}.${(value >> 16n) & 255n}.${(value >> 8n) & 255n}.${value & 255n}`;
  // RFC 5952 section 5: addresses with a well-known prefix keep their dotted half.
  if (value >> 32n === 0xffffn) return `::ffff:${formatIp({ family: 4, value: value & 0xffffffffn })}`;
  const groups = Array.from({ length: 8 }, (_, at) => Number((value >> BigInt(112 - 16 * at)) & 0xffffn));
  const [start, length] = longestZeros(groups);
  const hex = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':');
  return length < 2 ? hex(groups) : `${hex(groups.slice(0, start))}::${hex(groups.slice(start + length))}`;
}

/** Writes `address/prefix` with the address as it was given. */
export const formatCidr = (range: Cidr): string => `${formatIp(range.ip)}/${range.prefix}`;

/** Writes the range itself: `10.0.0.5/24` becomes `10.0.0.0/24`. */
export const formatNetwork = (range: Cidr): string => `${formatIp(range.network)}/${range.prefix}`;

/** One spelling for each address, fit as a key. @throws RangeError when the text is no address. */
export function canonicalIp(text: string): string {
  // IPv4 has one spelling only, so what parses is canonical already.
  return text.includes(':') ? formatIp(ip(text)) : (ip(text), text);
}

/** Whether the address lies in the range; never across families. */
export function contains(range: Cidr, address: Ip): boolean {
  return range.network.family === address.family && maskedValue(address, range.prefix) === range.network.value;
}

/** Whether two ranges share an address. */
export function overlaps(a: Cidr, b: Cidr): boolean {
  return a.prefix <= b.prefix ? contains(a, b.network) : contains(b, a.network);
}

/** The address `steps` further on (or back); undefined past either end of the family's space. */
export function nextIp(address: Ip, steps: number | bigint = 1): Ip | undefined {
  const value = address.value + BigInt(steps);
  return value < 0n || value >> BigInt(widthOf(address.family)) !== 0n ? undefined : { family: address.family, value };
}

/** Orders addresses: IPv4 before IPv6, then by number. */
export function compareIps(a: Ip, b: Ip): number {
  if (a.family !== b.family) return a.family - b.family;
  return a.value < b.value ? -1 : a.value > b.value ? 1 : 0;
}

/** How many addresses the range has. */
export const sizeOf = (range: Cidr): bigint => 1n << BigInt(widthOf(range.network.family) - range.prefix);

/** Last address of the range (IPv4: its broadcast address). */
export const lastIp = (range: Cidr): Ip => ({ family: range.network.family, value: range.network.value + sizeOf(range) - 1n });

/** The `index`th range of `prefix` bits inside a larger one; undefined when there is none. `subnet(cidr('10.244.0.0/16'), 24, 3)` is 10.244.3.0/24. */
export function subnet(range: Cidr, prefix: number, index: number | bigint): Cidr | undefined {
  const { family } = range.network;
  const at = BigInt(index);
  if (prefix < range.prefix || prefix > widthOf(family) || at < 0n || at >> BigInt(prefix - range.prefix) !== 0n) return undefined;
  const network: Ip = { family, value: range.network.value + (at << BigInt(widthOf(family) - prefix)) };
  return { ip: network, prefix, network };
}

/** 127.0.0.0/8 and ::1. */
export const isLoopback = ({ family, value }: Ip): boolean => (family === 4 ? value >> 24n === 127n : value === 1n);

/** 169.254.0.0/16 and fe80::/10. */
export const isLinkLocal = ({ family, value }: Ip): boolean => (family === 4 ? value >> 16n === 0xa9fen : value >> 118n === 0x3fan);

/** The first `prefix` bits of the address, the rest zero. */
export function maskedValue({ family, value }: Ip, prefix: number): bigint {
  const rest = BigInt(widthOf(family) - prefix);
  return (value >> rest) << rest;
}

function ipv4Value(text: string): bigint | undefined {
  // Character by character, because addresses are read more often than anything else here.
  let value = 0;
  let octet = -1;
  let dots = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 46) {
      if (octet < 0 || dots === 3) return undefined;
      value = value * 256 + octet;
      octet = -1;
      dots += 1;
    } else {
      // A zero in front makes no octet longer.
      if (code < 48 || code > 57 || octet === 0) return undefined;
      octet = (octet < 0 ? 0 : octet * 10) + code - 48;
      if (octet > 255) return undefined;
    }
  }
  return dots === 3 && octet >= 0 ? BigInt(value * 256 + octet) : undefined;
}

function ipv6Value(text: string): bigint | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = [groupsOf(halves[0] ?? '', halves.length === 1), groupsOf(halves[1] ?? '', true)];
  if (!head || !tail) return undefined;
  const missing = 8 - head.length - tail.length;
  // `::` stands for at least one group of zeros.
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  return [...head, ...Array<bigint>(missing).fill(0n), ...tail].reduce((sum, group) => (sum << 16n) | group, 0n);
}

/** Groups of one side of `::`; only the last side may end in a dotted IPv4. */
function groupsOf(text: string, last: boolean): bigint[] | undefined {
  if (text === '') return [];
  const parts = text.split(':');
  const groups: bigint[] = [];
  for (const [at, part] of parts.entries()) {
    if (part.includes('.')) {
      const value = last && at === parts.length - 1 ? ipv4Value(part) : undefined;
      if (value === undefined) return undefined;
      groups.push(value >> 16n, value & 0xffffn);
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(BigInt(`0x${part}`));
    else return undefined;
  }
  return groups;
}

function longestZeros(groups: readonly number[]): [start: number, length: number] {
  let [start, length] = [0, 0];
  for (let at = 0; at < groups.length; at += 1) {
    let end = at;
    while (groups[end] === 0) end += 1;
    if (end - at > length) [start, length] = [at, end - at];
  }
  return [start, length];
}
