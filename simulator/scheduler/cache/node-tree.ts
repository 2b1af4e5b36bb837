import type { Node } from '@slipway/kube';

/**
 * The order in which nodes are searched: zones in the order in which they were first seen, one node of each zone in turn, nodes of a
 * zone in order of arrival. Source: `pkg/scheduler/backend/cache/node_tree.go`.
 */
export class NodeTree {
  readonly #zones = new Map<string, Set<string>>();
  readonly #zoneOf = new Map<string, string>();

  get size(): number {
    return this.#zoneOf.size;
  }

  /** Adds a node, or moves it when its zone has changed. Returns whether the order changed. */
  set(node: Node): boolean {
    const { name } = node.metadata;
    const zone = zoneKey(node);
    const before = this.#zoneOf.get(name);
    if (before === zone) return false;
    if (before !== undefined) this.delete(name);
    let members = this.#zones.get(zone);
    if (!members) {
      members = new Set();
      this.#zones.set(zone, members);
    }
    members.add(name);
    this.#zoneOf.set(name, zone);
    return true;
  }

  delete(name: string): boolean {
    const zone = this.#zoneOf.get(name);
    if (zone === undefined) return false;
    this.#zoneOf.delete(name);
    const members = this.#zones.get(zone);
    members?.delete(name);
    if (members?.size === 0) this.#zones.delete(zone);
    return true;
  }

  /** All names, zone by zone in turn. */
  list(): readonly string[] {
    const zones = [...this.#zones.values()].map((members) => [...members]);
    const longest = zones.reduce((most, members) => Math.max(most, members.length), 0);
    const names: string[] = [];
    for (let turn = 0; turn < longest; turn++) {
      for (const members of zones) {
        const name = members[turn];
        if (name !== undefined) names.push(name);
      }
    }
    return names;
  }
}

/** Region and zone labels, also the retired beta ones; nodes without any are one zone (`component-helpers/node/topology` GetZoneKey). */
function zoneKey(node: Node): string {
  const labels = node.metadata.labels ?? {};
  const zone = labels['topology.kubernetes.io/zone'] ?? labels['failure-domain.beta.kubernetes.io/zone'] ?? '';
  const region = labels['topology.kubernetes.io/region'] ?? labels['failure-domain.beta.kubernetes.io/region'] ?? '';
  return region === '' && zone === '' ? '' : `${region}:\u0000:${zone}`;
}
