import { finalizers, type KubeObject, type OwnerReference, type Stored } from '@slipway/kube';

// Who owns whom. Source: `pkg/controller/garbagecollector/graph.go`, `graph_builder.go`.

/** One object as the collector sees it. */
export interface GraphNode {
  readonly uid: string;
  /** Resource as a client names it. */
  readonly resource: string;
  readonly apiVersion: string;
  readonly kind: string;
  /** Empty for cluster-scoped objects. */
  readonly namespace: string;
  readonly name: string;
  readonly owners: readonly OwnerReference[];
  readonly beingDeleted: boolean;
  /** It waits for its dependents: finalizer `foregroundDeletion`. */
  readonly deletingDependents: boolean;
  /** It waits for its dependents to be let go: finalizer `orphan`. */
  readonly orphaning: boolean;
}

/** What a change makes necessary, by uid. */
export interface Consequences {
  /** Objects that may have to be deleted, or that may go now. */
  readonly look: readonly string[];
  /** Owners that are to let their dependents go. */
  readonly orphan: readonly string[];
}

const NO_OWNERS: readonly OwnerReference[] = [];
const NOTHING: Consequences = { look: [], orphan: [] };

/** Owners are looked for in the object's own namespace, or in none. */
export const isReachable = (owner: Pick<GraphNode, 'namespace'>, namespace: string): boolean =>
  owner.namespace === '' || owner.namespace === namespace;

/** All objects by uid, and by the uid of each owner that they name, whether that exists or not. */
export class ObjectGraph {
  readonly #nodes = new Map<string, GraphNode>();
  readonly #dependents = new Map<string, Set<string>>();

  get(uid: string): GraphNode | undefined {
    return this.#nodes.get(uid);
  }

  get size(): number {
    return this.#nodes.size;
  }

  dependentsOf(uid: string): readonly GraphNode[] {
    const found: GraphNode[] = [];
    for (const each of this.#dependents.get(uid) ?? []) {
      const node = this.#nodes.get(each);
      if (node) found.push(node);
    }
    return found;
  }

  /** Dependents that the owner has to wait for when it is deleted in the foreground. */
  blockersOf(uid: string): readonly GraphNode[] {
    return this.dependentsOf(uid).filter(({ owners }) => owners.some((owner) => owner.uid === uid && owner.blockOwnerDeletion === true));
  }

  /** Takes in an object as it is now. */
  put(resource: string, object: Stored<KubeObject>): Consequences {
    const { uid, name, namespace = '', ownerReferences = NO_OWNERS, finalizers: held = [], deletionTimestamp } = object.metadata;
    const before = this.#nodes.get(uid);
    const beingDeleted = deletionTimestamp !== undefined;
    const deletingDependents = beingDeleted && held.includes(finalizers.foregroundDeletion);
    const orphaning = beingDeleted && held.includes(finalizers.orphan);
    if (
      before &&
      before.owners === ownerReferences &&
      before.beingDeleted === beingDeleted &&
      before.deletingDependents === deletingDependents &&
      before.orphaning === orphaning
    )
      return NOTHING;
    const { apiVersion, kind } = object;
    this.#nodes.set(uid, {
      uid,
      resource,
      apiVersion,
      kind,
      namespace,
      name,
      owners: ownerReferences,
      beingDeleted,
      deletingDependents,
      orphaning,
    });
    const look = before?.owners === ownerReferences ? [] : this.#reindex(uid, namespace, before?.owners ?? NO_OWNERS, ownerReferences);
    if (deletingDependents && !before?.deletingDependents) look.push(...this.dependentsOf(uid).map((each) => each.uid), uid);
    return { look, orphan: orphaning && !before?.orphaning ? [uid] : [] };
  }

  /** Takes out an object: its dependents may have nobody left, and an owner that waits for it may go. */
  remove(uid: string): Consequences {
    const node = this.#nodes.get(uid);
    if (!node) return NOTHING;
    this.#nodes.delete(uid);
    const look = this.dependentsOf(uid).map((each) => each.uid);
    for (const owner of node.owners) {
      this.#unlink(owner.uid, uid);
      if (this.#nodes.get(owner.uid)?.deletingDependents) look.push(owner.uid);
    }
    return { look, orphan: [] };
  }

  /** Follows a change of owners. Returns who has to be looked at: the object itself, and owners that it no longer holds up. */
  #reindex(uid: string, namespace: string, before: readonly OwnerReference[], after: readonly OwnerReference[]): string[] {
    const look: string[] = [];
    for (const owner of after) {
      const old = before.find((each) => each.uid === owner.uid);
      if (!old) this.#link(owner.uid, uid);
      else if (old.blockOwnerDeletion === true && owner.blockOwnerDeletion !== true) look.push(owner.uid);
      // An owner that is not known may never have existed, one that is going takes this object along, and one elsewhere is none.
      const known = this.#nodes.get(owner.uid);
      const isSure = known !== undefined && !known.deletingDependents && isReachable(known, namespace);
      if (!old && !isSure && !look.includes(uid)) look.push(uid);
    }
    for (const owner of before) {
      if (after.some((each) => each.uid === owner.uid)) continue;
      this.#unlink(owner.uid, uid);
      if (owner.blockOwnerDeletion === true) look.push(owner.uid);
    }
    return look;
  }

  #link(owner: string, dependent: string): void {
    const set = this.#dependents.get(owner);
    if (set) set.add(dependent);
    else this.#dependents.set(owner, new Set([dependent]));
  }

  #unlink(owner: string, dependent: string): void {
    const set = this.#dependents.get(owner);
    set?.delete(dependent);
    if (set?.size === 0) this.#dependents.delete(owner);
  }
}
