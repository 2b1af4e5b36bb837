import type { SharedInformers } from '@slipway/client';
import type { CSINode } from '@slipway/kube';
import { distinct, termOf, TopologyError, type TopologyTerm } from './topology.ts';

type Segments = Readonly<Record<string, string>>;

/** What was found out for one claim: a call that is repeated says the same, even if nodes have come or gone meanwhile. */
interface Remembered {
  readonly keys: readonly string[];
  readonly selected: { readonly node: string; readonly term: TopologyTerm } | undefined;
  readonly places: readonly TopologyTerm[];
}

/** The selected node has no CSINode: it is gone, or the driver does not run there. */
export class NodeGoneError extends Error {
  readonly code = 'NODE_GONE';
}

/**
 * The places of a driver's nodes, gathered anew only after a node's labels or a CSINode have changed.
 * Source: external-provisioner `pkg/controller/topology.go`, `pkg/controller/cache.go`.
 */
export class Places {
  readonly #informers: SharedInformers;
  readonly #driver: string;
  readonly #byKeys = new Map<string, readonly TopologyTerm[]>();
  readonly #byClaim = new Map<string, Remembered>();
  #firstKeys: readonly string[] | undefined;

  constructor(informers: SharedInformers, driver: string) {
    this.#informers = informers;
    this.#driver = driver;
  }

  /** Nodes have changed. */
  invalidate(): void {
    this.#byKeys.clear();
    this.#firstKeys = undefined;
  }

  /** The claim has its volume, or starts over. */
  forget(uid: string): void {
    this.#byClaim.delete(uid);
  }

  /** @throws TopologyError, NodeGoneError */
  forClaim(uid: string, selectedNode: string): Remembered {
    const known = this.#byClaim.get(uid);
    if (known && (known.selected?.node ?? '') === selectedNode) return known;
    const found = selectedNode === '' ? this.#anywhere() : this.#at(selectedNode);
    this.#byClaim.set(uid, found);
    return found;
  }

  /** Keys by which the driver tells places, from the first node that has it. */
  keys(): readonly string[] {
    if (this.#firstKeys) return this.#firstKeys;
    const csiNodes = [...this.#informers.get('csinodes').list()].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
    for (const csiNode of csiNodes) {
      const keys = this.#keysOf(csiNode);
      if (keys.length > 0) return (this.#firstKeys = keys);
    }
    return (this.#firstKeys = []);
  }

  /** Places of all nodes that have the keys as labels. */
  withKeys(keys: readonly string[]): readonly TopologyTerm[] {
    const id = keys.join();
    const known = this.#byKeys.get(id);
    if (known) return known;
    const found: TopologyTerm[] = [];
    for (const { metadata } of this.#informers.get('nodes').list()) {
      const term = termOf(metadata.labels, keys);
      if (term) found.push(term);
    }
    const places = distinct(found);
    this.#byKeys.set(id, places);
    return places;
  }

  #anywhere(): Remembered {
    const keys = this.keys();
    return { keys, selected: undefined, places: keys.length === 0 ? [] : this.#placesOf(keys) };
  }

  #at(node: string): Remembered {
    const csiNode = this.#informers.get('csinodes').get(node);
    if (!csiNode)
      throw new NodeGoneError(`failed to get selected CSINode ${node}: csinode.storage.k8s.io ${JSON.stringify(node)} not found`);
    const keys = this.#keysOf(csiNode);
    if (keys.length === 0) throw new TopologyError(`no topology key found for node ${node}`);
    const labels = this.#informers.get('nodes').get(node)?.metadata.labels;
    const term = termOf(labels, keys);
    if (!term)
      throw new TopologyError(
        `topology labels from selected node ${formatMap(labels)} does not match topology keys from CSINode [${keys.join(' ')}]`,
      );
    return { keys, selected: { node, term }, places: this.#placesOf(keys) };
  }

  #placesOf(keys: readonly string[]): readonly TopologyTerm[] {
    const places = this.withKeys(keys);
    if (places.length === 0) throw new TopologyError(`topologyKeys [${keys.join(' ')}] were not found on any nodes`);
    return places;
  }

  #keysOf({ spec }: CSINode): readonly string[] {
    return spec.drivers.find(({ name }) => name === this.#driver)?.topologyKeys ?? [];
  }
}

/** A map as Go prints it. */
const formatMap = (map: Segments = {}): string =>
  `map[${Object.keys(map)
    .sort()
    .map((key) => `${key}:${map[key]}`)
    .join(' ')}]`;
