import type { Micros } from '@slipway/kernel';

/** One volume on one node, as far as the controller knows. */
export interface Attachment {
  readonly volume: string;
  readonly node: string;
  /** False: an attempt to attach or detach ended without a clear answer, so it counts as attached until it is detached. */
  confirmed: boolean;
  /** When it was first seen that nobody wants it here any more. */
  unwantedSince: Micros | undefined;
}

/** `node/volume`: a node's name has no slash. */
export const pairKey = (volume: string, node: string): string => `${node}/${volume}`;

/** What is attached where, and what nodes are told and tell of it. Source: `pkg/controller/volume/attachdetach/cache/actual_state_of_world.go`. */
export class ActualState {
  readonly #byVolume = new Map<string, Map<string, Attachment>>();
  readonly #byNode = new Map<string, Set<string>>();
  readonly #inUse = new Map<string, ReadonlySet<string>>();
  readonly #reported = new Map<string, Set<string>>();
  /** Nodes whose `volumesAttached` is out of date. */
  readonly outdated = new Set<string>();

  get(volume: string, node: string): Attachment | undefined {
    return this.#byVolume.get(volume)?.get(node);
  }

  /** Every node that has the volume, certainly or not, by name. */
  nodesOf(volume: string): readonly string[] {
    return [...(this.#byVolume.get(volume)?.keys() ?? [])].sort();
  }

  volumesOn(node: string): readonly string[] {
    return [...(this.#byNode.get(node) ?? [])].sort();
  }

  /** Notes an attachment. One that is new counts as in use until the node says otherwise. */
  mark(volume: string, node: string, confirmed: boolean): void {
    const known = this.get(volume, node);
    if (known) known.confirmed = confirmed;
    else {
      const nodes = this.#byVolume.get(volume) ?? new Map<string, Attachment>();
      this.#byVolume.set(volume, nodes.set(node, { volume, node, confirmed, unwantedSince: undefined }));
      this.#byNode.set(node, (this.#byNode.get(node) ?? new Set()).add(volume));
      this.#inUse.set(node, new Set([...(this.#inUse.get(node) ?? []), volume]));
    }
    if (confirmed) this.report(volume, node);
  }

  /** The volume is off the node. */
  remove(volume: string, node: string): void {
    const nodes = this.#byVolume.get(volume);
    nodes?.delete(node);
    if (nodes?.size === 0) this.#byVolume.delete(volume);
    const volumes = this.#byNode.get(node);
    volumes?.delete(volume);
    if (volumes?.size === 0) this.#byNode.delete(node);
    this.unreport(volume, node);
  }

  /** The node is to be told that the volume is there. */
  report(volume: string, node: string): void {
    if (!this.get(volume, node)) return;
    const reported = this.#reported.get(node) ?? new Set();
    if (reported.has(volume)) return;
    this.#reported.set(node, reported.add(volume));
    this.outdated.add(node);
  }

  /** The node is to be told that the volume may no longer be mounted. */
  unreport(volume: string, node: string): void {
    if (this.#reported.get(node)?.delete(volume)) this.outdated.add(node);
  }

  /** What the node's `volumesAttached` should say. */
  reportedOn(node: string): readonly string[] {
    return [...(this.#reported.get(node) ?? [])].sort();
  }

  /** What a node says that it mounts. Kept when the node goes: nobody has unmounted anything by that. True when it is news. */
  setInUse(node: string, volumes: readonly string[]): boolean {
    const before = this.#inUse.get(node);
    if (before ? before.size === volumes.length && volumes.every((each) => before.has(each)) : volumes.length === 0) return false;
    this.#inUse.set(node, new Set(volumes));
    return true;
  }

  isMounted(volume: string, node: string): boolean {
    return this.#inUse.get(node)?.has(volume) ?? false;
  }
}
