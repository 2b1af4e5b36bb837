import type { Kernel } from '@slipway/kernel';
import type { Kind, KubeObject, Stored } from '@slipway/kube';
import { nodeNameOf, isSelected, type Selection } from './selection.ts';
import { WatchCache } from './watch-cache.ts';
import { Watchers } from './watchers.ts';

/** All objects of one resource, with its indexes, its recent writes and its watchers. */
export class Table {
  readonly kind: Kind;
  readonly history: WatchCache;
  readonly watchers: Watchers;
  /** Grows with each write: what was worked out from the table is worth keeping while it stays. */
  version = 0;
  #size = 0;
  /** By namespace ('' for cluster-scoped), then name. */
  readonly #objects = new Map<string, Map<string, Stored<KubeObject>>>();
  /** Pods by node name ('' for none), then uid. */
  readonly #byNode: Map<string, Map<string, Stored<KubeObject>>> | undefined;

  constructor(kind: Kind, kernel: Kernel) {
    this.kind = kind;
    this.history = new WatchCache(kernel);
    this.watchers = new Watchers(kind);
    this.#byNode = kind.plural === 'pods' ? new Map() : undefined;
  }

  get size(): number {
    return this.#size;
  }

  /** @param namespace ignored for cluster-scoped kinds */
  get(namespace: string | undefined, name: string): Stored<KubeObject> | undefined {
    return this.#objects.get(this.kind.namespaced ? (namespace ?? '') : '')?.get(name);
  }

  set(object: Stored<KubeObject>, old: Stored<KubeObject> | undefined): void {
    const { name, uid } = object.metadata;
    const namespace = object.metadata.namespace ?? '';
    const names = this.#objects.get(namespace);
    if (names) names.set(name, object);
    else this.#objects.set(namespace, new Map([[name, object]]));
    this.version += 1;
    if (!old) this.#size += 1;
    if (!this.#byNode) return;
    const node = nodeNameOf(object);
    const before = old === undefined ? node : nodeNameOf(old);
    if (before !== node) this.#leaveNode(before, uid);
    const pods = this.#byNode.get(node);
    if (pods) pods.set(uid, object);
    else this.#byNode.set(node, new Map([[uid, object]]));
  }

  remove(object: Stored<KubeObject>): void {
    const { name, uid } = object.metadata;
    const namespace = object.metadata.namespace ?? '';
    const names = this.#objects.get(namespace);
    if (!names?.delete(name)) return;
    if (names.size === 0) this.#objects.delete(namespace);
    this.version += 1;
    this.#size -= 1;
    this.#leaveNode(nodeNameOf(object), uid);
  }

  /** All objects, or those of a namespace, in no order that should matter. */
  *values(namespace?: string): Generator<Stored<KubeObject>> {
    if (namespace !== undefined && this.kind.namespaced) {
      yield* this.#objects.get(namespace)?.values() ?? [];
      return;
    }
    for (const names of this.#objects.values()) yield* names.values();
  }

  /** The selected objects in the order of their keys, bytewise. */
  select(selection: Selection): readonly Stored<KubeObject>[] {
    const found: Stored<KubeObject>[] = [];
    for (const object of this.#candidates(selection)) if (isSelected(selection, this.kind.plural, object)) found.push(object);
    return sortByKey(found);
  }

  #candidates(selection: Selection): Iterable<Stored<KubeObject>> {
    const { namespace, name, node } = selection;
    if (node !== undefined && this.#byNode) return this.#byNode.get(node)?.values() ?? [];
    if (name !== undefined && (namespace !== undefined || !this.kind.namespaced)) {
      const object = this.get(namespace, name);
      return object ? [object] : [];
    }
    return this.values(namespace);
  }

  #leaveNode(node: string, uid: string): void {
    const pods = this.#byNode?.get(node);
    if (!pods) return;
    pods.delete(uid);
    if (pods.size === 0) this.#byNode?.delete(node);
  }
}

/** `a-b/x` comes before `a/x`, since `-` comes before `/`. */
export function sortByKey(objects: Stored<KubeObject>[]): readonly Stored<KubeObject>[] {
  return objects.sort((a, b) => {
    const left = a.metadata;
    const right = b.metadata;
    if (left.namespace !== right.namespace) return `${left.namespace}/` < `${right.namespace}/` ? -1 : 1;
    return left.name < right.name ? -1 : left.name > right.name ? 1 : 0;
  });
}
