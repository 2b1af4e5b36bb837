import { HostError } from './errors.ts';
import { cidr, formatNetwork, maskedValue, type Cidr, type Ip } from './ip.ts';

/** One line of `ip route`. */
export interface Route {
  /** Destination range; `0.0.0.0/0` and `::/0` are the defaults. */
  readonly dst: string;
  /** Next hop; left out when the destination is on the link itself. */
  readonly gw?: string;
  /** Name of the interface that packets leave through. */
  readonly dev: string;
  /** Of several routes to one destination the lowest is taken, then the oldest. Left out: 0. */
  readonly metric?: number;
}

interface Entry {
  readonly route: Route;
  readonly range: Cidr;
}

/** Up to here a look-up compares every route; above, it asks an index once for each prefix length in use. */
const FEW = 8;

/** The routes of one namespace. A destination may have several: one for each interface and metric. */
export class RouteTable {
  readonly #entries = new Map<string, Entry>();
  /** By prefix length (IPv6 above 100), then network address; of several routes the one that is taken comes first. */
  #index: Map<number, Map<bigint, readonly Entry[]>> | undefined;

  /** In the order of adding. */
  list(): readonly Route[] {
    return [...this.#entries.values()].map(({ route }) => route);
  }

  /** @throws HostError EEXIST (the destination has a route through this interface with this metric), RangeError (no CIDR range) */
  add(route: Route): void {
    const range = cidr(route.dst);
    const dst = formatNetwork(range);
    const key = keyOf(dst, route);
    if (this.#entries.has(key)) throw new HostError('EEXIST', `add route ${dst}`);
    const entry: Entry = { route: { ...route, dst }, range };
    this.#entries.set(key, entry);
    if (this.#index) this.#file(entry);
    else if (this.#entries.size > FEW) {
      this.#index = new Map();
      for (const each of this.#entries.values()) this.#file(each);
    }
  }

  /**
   * Removes the route to exactly this range; false when there is none.
   *
   * @param dev the one through this interface. Left out: of several the one that is taken, as `ip route del` does.
   */
  remove(dst: string, dev?: string): boolean {
    const entry = this.#first(formatNetwork(cidr(dst)), dev);
    if (entry) this.#drop(entry);
    return entry !== undefined;
  }

  /** Whether there is a route to exactly this range, canonically written; with `dev`, one through this interface. */
  has(dst: string, dev?: string): boolean {
    return this.#first(dst, dev) !== undefined;
  }

  /** Removes what leaves through this interface. */
  removeDevice(dev: string): void {
    for (const entry of [...this.#entries.values()]) if (entry.route.dev === dev) this.#drop(entry);
  }

  /** The route with the longest prefix that holds the address; of several to one range, that of the lowest metric. */
  find(address: Ip): Route | undefined {
    if (!this.#index) {
      let best: Entry | undefined;
      for (const entry of this.#entries.values()) {
        const { network, prefix } = entry.range;
        if (network.family !== address.family || maskedValue(address, prefix) !== network.value) continue;
        if (!best || prefix > best.range.prefix || (prefix === best.range.prefix && precedes(entry, best))) best = entry;
      }
      return best?.route;
    }
    const base = address.family === 4 ? 0 : 100;
    for (let prefix = address.family === 4 ? 32 : 128; prefix >= 0; prefix -= 1) {
      const entry = this.#index.get(base + prefix)?.get(maskedValue(address, prefix))?.[0];
      if (entry) return entry.route;
    }
    return undefined;
  }

  #first(dst: string, dev: string | undefined): Entry | undefined {
    // Nearly every route has the metric 0, and most callers name the interface.
    if (dev !== undefined) {
      const plain = this.#entries.get(keyOf(dst, { dev }));
      if (plain) return plain;
    }
    let best: Entry | undefined;
    for (const entry of this.#filed(dst)) {
      if (entry.route.dst !== dst || (dev !== undefined && entry.route.dev !== dev)) continue;
      if (!best || precedes(entry, best)) best = entry;
    }
    return best;
  }

  #filed(dst: string): Iterable<Entry> {
    if (!this.#index) return this.#entries.values();
    const range = cidr(dst);
    return this.#index.get(levelOf(range))?.get(range.network.value) ?? [];
  }

  #drop(entry: Entry): void {
    this.#entries.delete(keyOf(entry.route.dst, entry.route));
    const level = levelOf(entry.range);
    const routes = this.#index?.get(level);
    const left = routes?.get(entry.range.network.value)?.filter((other) => other !== entry) ?? [];
    if (left.length > 0) routes?.set(entry.range.network.value, left);
    else routes?.delete(entry.range.network.value);
    if (routes?.size === 0) this.#index?.delete(level);
  }

  #file(entry: Entry): void {
    const level = levelOf(entry.range);
    const routes = this.#index?.get(level) ?? new Map<bigint, readonly Entry[]>();
    const there = routes.get(entry.range.network.value) ?? [];
    const at = there.findIndex((other) => precedes(entry, other));
    this.#index?.set(level, routes.set(entry.range.network.value, there.toSpliced(at < 0 ? there.length : at, 0, entry)));
  }
}

/** One line of the table has one destination, interface and metric. */
const keyOf = (dst: string, { dev, metric = 0 }: Pick<Route, 'dev' | 'metric'>): string => `${dst} ${dev} ${metric}`;

/** Whether an entry is taken rather than one that is older. */
const precedes = (entry: Entry, older: Entry): boolean => (entry.route.metric ?? 0) < (older.route.metric ?? 0);

const levelOf = ({ network, prefix }: Cidr): number => (network.family === 4 ? prefix : 100 + prefix);
