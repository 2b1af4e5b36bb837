import type { CloudNetwork } from '@slipway/cloud';
import { compareIps, ip as ipOf, parseIp } from '@slipway/host';
import type { Kernel } from '@slipway/kernel';
import type { Endpoint, Pod, Service, Stored } from '@slipway/kube';
import { dnsConfig } from '../kubelet/runtime/dns-config.ts';
import type { ClusterView } from './cluster-view.ts';

/** What a name led to. */
export interface Answer {
  /** Empty: there is no such name, or nobody behind it. */
  readonly addresses: readonly string[];
  /** The full name that was found, or the last that was asked for. */
  readonly name: string;
  /** Where an alias led. */
  readonly alias?: string;
  /** How many questions were asked. */
  readonly queries: number;
  /** Why there is no address. */
  readonly why?: string;
}

/** Whose resolver it is. */
export interface Resolver {
  /** Asks the cluster's name server; otherwise the node's own, which knows the cloud's names. */
  readonly cluster: boolean;
  readonly searches: readonly string[];
  /** Names with fewer dots are tried with each search domain first. */
  readonly ndots: number;
}

const NODE: Resolver = { cluster: false, searches: [], ndots: 1 };

/** An alias of an alias of an alias: CoreDNS gives up as well (plugin/pkg/upstream, maximum depth 8). */
const MAX_ALIASES = 8;

/** Names: those of the cluster as CoreDNS's `kubernetes` plugin answers for them (DNS specification 1.1.0), and the cloud's. */
export class Dns {
  readonly #kernel: Kernel;
  readonly #view: ClusterView;
  readonly #cloud: CloudNetwork | undefined;
  readonly #domain: string;
  readonly #servers: readonly string[];

  constructor(options: {
    readonly kernel: Kernel;
    readonly view: ClusterView;
    readonly cloud: CloudNetwork | undefined;
    readonly domain: string;
    readonly servers: readonly string[];
  }) {
    this.#kernel = options.kernel;
    this.#view = options.view;
    this.#cloud = options.cloud;
    this.#domain = options.domain;
    this.#servers = options.servers;
  }

  /** What the pod's resolv.conf says; without a pod that of a node. */
  resolverOf(pod: Pod | undefined): Resolver {
    if (!pod) return NODE;
    const { servers = [], searches = [], options = [] } = dnsConfig(pod, { servers: this.#servers, domain: this.#domain, host: {} });
    const ndots = options.find((option) => option.startsWith('ndots:'))?.slice('ndots:'.length);
    return { cluster: servers.some((server) => this.#servers.includes(server)), searches, ndots: Number(ndots ?? 1) };
  }

  /** Looks a name up as the C library does with this resolv.conf: search domains first for names of few dots (resolv.conf(5), "ndots"). */
  resolve(name: string, resolver: Resolver, node: string): Answer {
    const plain = name.endsWith('.') ? name.slice(0, -1) : name;
    const suffixed = name.endsWith('.') ? [] : resolver.searches.map((search) => `${plain}.${search}`);
    const dots = plain.split('.').length - 1;
    const tries = dots < resolver.ndots ? [...suffixed, plain] : [plain, ...suffixed];
    let last: Found = { addresses: [], why: 'no such host' };
    for (const [index, full] of tries.entries()) {
      const found = this.#ask(full.toLowerCase(), resolver.cluster, 0);
      if (found.addresses.length > 0) {
        const { alias } = found;
        return {
          addresses: this.#turn(found.addresses, node),
          name: full,
          queries: index + 1,
          ...(alias === undefined ? {} : { alias }),
        };
      }
      // The first reason that says more than that the name is unknown.
      if (last.why === 'no such host') last = found;
    }
    return { addresses: [], name: plain, queries: tries.length, why: last.why ?? 'no such host' };
  }

  #ask(name: string, cluster: boolean, depth: number): Found {
    const zone = `.${this.#domain}`;
    if (!cluster || !name.endsWith(zone)) return known(this.#cloud?.resolve(name) ?? []);
    const labels = name.slice(0, -zone.length).split('.');
    const kind = labels.pop();
    const namespace = labels.pop();
    const service = labels.pop();
    if (namespace === undefined || service === undefined) return UNKNOWN;
    // `10-244-1-5.default.pod`: CoreDNS's default `pods insecure` believes whatever it reads.
    if (kind === 'pod' && labels.length === 0) return known(addressIn(service));
    if (kind !== 'svc' || labels.length > 1) return UNKNOWN;
    const found = this.#view.services.get(`${namespace}/${service}`);
    return found ? this.#ofService(found, labels[0], depth) : UNKNOWN;
  }

  #ofService({ metadata, spec }: Stored<Service>, hostname: string | undefined, depth: number): Found {
    const key = `${metadata.namespace}/${metadata.name}`;
    if (spec.type === 'ExternalName') {
      if (hostname !== undefined) return UNKNOWN;
      const alias = (spec.externalName ?? '').replace(/\.$/, '').toLowerCase();
      if (depth === MAX_ALIASES) return { addresses: [], alias, why: `Service ${key} leads in a circle` };
      const target = parseIp(alias) ? known([alias]) : this.#ask(alias, true, depth + 1);
      return target.addresses.length > 0
        ? { ...target, alias: target.alias ?? alias }
        : { addresses: [], alias, why: `Service ${key} is an alias of ${alias}: ${target.why ?? 'no such host'}` };
    }
    if (spec.clusterIP !== undefined && spec.clusterIP !== 'None' && spec.clusterIP !== '')
      return hostname === undefined ? known(spec.clusterIPs?.length ? spec.clusterIPs : [spec.clusterIP]) : UNKNOWN;
    const endpoints = this.#view.slices
      .byIndex('service', key)
      .flatMap(({ endpoints: listed }) => listed ?? [])
      .filter(({ conditions }) => conditions?.ready ?? true)
      .filter((endpoint) => hostname === undefined || namesOf(endpoint).includes(hostname));
    const addresses = [...new Set(endpoints.flatMap((endpoint) => endpoint.addresses))];
    if (addresses.length > 0) return { addresses: addresses.sort((a, b) => compareIps(ipOf(a), ipOf(b))) };
    return { addresses: [], why: `headless Service ${key} has no ready endpoint${hostname === undefined ? '' : ` "${hostname}"`}` };
  }

  /** Several addresses come in another order each time (CoreDNS, plugin/loadbalance: round_robin). */
  #turn(addresses: readonly string[], node: string): readonly string[] {
    if (addresses.length < 2) return addresses;
    const first = this.#kernel.random(`dns/${node}`).integer(0, addresses.length - 1);
    return [...addresses.slice(first), ...addresses.slice(0, first)];
  }
}

interface Found {
  readonly addresses: readonly string[];
  readonly alias?: string;
  readonly why?: string;
}

const UNKNOWN: Found = { addresses: [], why: 'no such host' };

const known = (addresses: readonly string[]): Found => (addresses.length > 0 ? { addresses } : UNKNOWN);

/** Names of an endpoint below its headless Service: its own, else its address with dashes. */
function namesOf({ hostname, addresses }: Endpoint): readonly string[] {
  return hostname === undefined ? addresses.map((address) => address.replaceAll(/[.:]/g, '-')) : [hostname];
}

function addressIn(label: string): readonly string[] {
  const dotted = label.replaceAll('-', '.');
  if (parseIp(dotted)) return [dotted];
  const coloned = label.replaceAll('-', ':');
  return parseIp(coloned) ? [coloned] : [];
}
