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
}

interface Entry {
  readonly route: Route;
  readonly range: Cidr;
}

/** Up to here a look-up compares every route; above, it asks an index once for each prefix length in use. */
const FEW = 8;

/** The routes of one namespace. */
export class RouteTable {
  readonly #entries = new Map<string, Entry>();
  /** By prefix length (IPv6 above 100), then network address. */
  #index: Map<number, Map<bigint, Route>> | undefined;

  /** In the order of adding. */
  list(): readonly Route[] {
    return [...this.#entries.values()].map(({ route }) => route);
  }

  /** @throws HostError EEXIST (the destination has a route), RangeError (no CIDR range) */
  add(route: Route): void {
    const range = cidr(route.dst);
    const dst = formatNetwork(range);
    if (this.#entries.has(dst)) throw new HostError('EEXIST', `add route ${dst}`);
    const entry: Entry = { route: { ...route, dst }, range };
    this.#entries.set(dst, entry);
    if (this.#index) this.#file(entry);
    else if (this.#entries.size > FEW) {
      this.#index = new Map();
      for (const each of this.#entries.values()) this.#file(each);
    }
  }

  /** Removes the route to exactly this range; false when there is none. */
  remove(dst: string): boolean {
    const range = cidr(dst);
    const key = formatNetwork(range);
    if (!this.#entries.delete(key)) return false;
    const level = levelOf(range);
    const routes = this.#index?.get(level);
    routes?.delete(range.network.value);
    if (routes?.size === 0) this.#index?.delete(level);
    return true;
  }

  /** Whether there is a route to exactly this range, canonically written. */
  has(dst: string): boolean {
    return this.#entries.has(dst);
  }

  /** Removes what leaves through this interface. */
  removeDevice(dev: string): void {
    for (const { route } of [...this.#entries.values()]) if (route.dev === dev) this.remove(route.dst);
  }

  /** The route with the longest prefix that holds the address. */
  find(address: Ip): Route | undefined {
    if (!this.#index) {
      let best: Entry | undefined;
      for (const entry of this.#entries.values()) {
        const { network, prefix } = entry.range;
        if (network.family === address.family && prefix >= (best?.range.prefix ?? 0) && maskedValue(address, prefix) === network.value)
          best = entry;
      }
      return best?.route;
    }
    const base = address.family === 4 ? 0 : 100;
    for (let prefix = address.family === 4 ? 32 : 128; prefix >= 0; prefix -= 1) {
      const route = this.#index.get(base + prefix)?.get(maskedValue(address, prefix));
      if (route) return route;
    }
    return undefined;
  }

  #file({ route, range }: Entry): void {
    const level = levelOf(range);
    const routes = this.#index?.get(level) ?? new Map<bigint, Route>();
    this.#index?.set(level, routes.set(range.network.value, route));
  }
}

const levelOf = ({ network, prefix }: Cidr): number => (network.family === 4 ? prefix : 100 + prefix);
