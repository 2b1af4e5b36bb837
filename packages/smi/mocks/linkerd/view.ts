import { type ApiClient, type Informer, SharedInformers } from '@slipway/client';
import { codeOf, type Owner, type Process, seconds, timeout } from '@slipway/kernel';
import type { Service, Stored } from '@slipway/kube';
import {
  type AccessSurroundings,
  type CompiledSplit,
  compileRouteGroup,
  compileSplit,
  type RouteGroup,
  type SplitSurroundings,
} from '../../semantics/index.ts';
import type { HTTPRouteGroup, TCPRoute, TrafficSplit, TrafficTarget } from '../../types/index.ts';

/** How long the first request waits for the proxies' configuration: what is not there by then (a kind that is not served) counts as empty. */
const PATIENCE = seconds(2);

/** What the proxies know of the cluster: caches of SMI's objects and of Services, with the ways to look things up. */
export class MeshView implements AccessSurroundings {
  /** Whether the caches have been waited for. */
  ready = false;
  readonly owner: Owner;
  readonly #informers: SharedInformers;
  readonly #splits: Informer<TrafficSplit>;
  readonly #targets: Informer<TrafficTarget>;
  readonly #groups: Informer<HTTPRouteGroup>;
  readonly #tcpRoutes: Informer<TCPRoute>;
  readonly #services: Informer<Service>;
  readonly #compiledGroups = new WeakMap<HTTPRouteGroup, RouteGroup>();
  readonly #compiledSplits = new WeakMap<TrafficSplit, CompiledSplit>();

  constructor(api: ApiClient, owner: Owner) {
    this.owner = owner;
    this.#informers = new SharedInformers({ api, owner });
    this.#splits = this.#informers.get<TrafficSplit>('trafficsplits', {
      indexers: { root: ({ metadata, spec }) => [`${metadata.namespace}/${spec?.service}`] },
    });
    this.#targets = this.#informers.get<TrafficTarget>('traffictargets', {
      indexers: {
        destination: ({ metadata, spec }) => [`${spec?.destination?.namespace ?? metadata.namespace}/${spec?.destination?.name}`],
      },
    });
    this.#groups = this.#informers.get<HTTPRouteGroup>('httproutegroups');
    this.#tcpRoutes = this.#informers.get<TCPRoute>('tcproutes');
    this.#services = this.#informers.get('services');
  }

  /** Waits for the first lists, once. */
  *wait(): Process {
    try {
      yield* timeout(this.#informers.waitForSync(), PATIENCE);
    } catch (error) {
      if (codeOf(error) !== 'DEADLINE_EXCEEDED') throw error;
    }
    this.ready = true;
  }

  /** Every split of a Service that has no mistake, by name: the first one decides. */
  splitOf(namespace: string, service: string): { readonly split: Stored<TrafficSplit>; readonly compiled: CompiledSplit } | undefined {
    let found: { readonly split: Stored<TrafficSplit>; readonly compiled: CompiledSplit } | undefined;
    for (const split of this.#splits.byIndex('root', `${namespace}/${service}`)) {
      if (found && found.split.metadata.name < split.metadata.name) continue;
      let compiled = this.#compiledSplits.get(split);
      if (!compiled) {
        compiled = compileSplit(split);
        this.#compiledSplits.set(split, compiled);
      }
      if (compiled.mistake === undefined) found = { split, compiled };
    }
    return found;
  }

  /** A split by its own name. */
  split(namespace: string, name: string): Stored<TrafficSplit> | undefined {
    return this.#splits.get(`${namespace}/${name}`);
  }

  /** All splits of a namespace, or of all, by namespace and name. */
  splits(namespace: string | undefined): readonly Stored<TrafficSplit>[] {
    const all = this.#splits.list().filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace);
    const key = ({ metadata }: TrafficSplit): string => `${metadata.namespace}/${metadata.name}`;
    return [...all].sort((a, b) => (key(a) < key(b) ? -1 : 1));
  }

  /** What a split of this namespace is looked at with. */
  surroundings(namespace: string): SplitSurroundings {
    return {
      routeGroup: (name) => this.routeGroup(namespace, name),
      ports: (service) => this.#services.get(`${namespace}/${service}`)?.spec?.ports?.map(({ port }) => port),
    };
  }

  /** Targets whose destination is this account. */
  targetsFor(namespace: string, serviceAccount: string): readonly Stored<TrafficTarget>[] {
    return this.#targets.byIndex('destination', `${namespace}/${serviceAccount}`);
  }

  routeGroup(namespace: string, name: string): RouteGroup | undefined {
    const group = this.#groups.get(`${namespace}/${name}`);
    if (!group) return undefined;
    let compiled = this.#compiledGroups.get(group);
    if (!compiled) {
      compiled = compileRouteGroup(group);
      this.#compiledGroups.set(group, compiled);
    }
    return compiled;
  }

  tcpRoute(namespace: string, name: string): TCPRoute | undefined {
    return this.#tcpRoutes.get(`${namespace}/${name}`);
  }

  /** UDP goes past Linkerd's proxies: nobody needs to know its routes. */
  udpRoute(): undefined {
    return undefined;
  }
}
