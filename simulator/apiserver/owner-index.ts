import type { KubeObject, Stored } from '@slipway/kube';

/** Which objects name which owner, by the owner's uid. */
export class OwnerIndex {
  readonly #dependents = new Map<string, Map<string, Stored<KubeObject>>>();

  /** Objects that name this uid as an owner, in order of their first appearance. */
  dependents(uid: string): readonly Stored<KubeObject>[] {
    return [...(this.#dependents.get(uid)?.values() ?? [])];
  }

  update(object: Stored<KubeObject> | undefined, old: Stored<KubeObject> | undefined): void {
    const before = old?.metadata.ownerReferences;
    const now = object?.metadata.ownerReferences;
    if (before === undefined && now === undefined) return;
    if (old && before) {
      for (const { uid } of before) {
        if (now?.some((owner) => owner.uid === uid)) continue;
        const set = this.#dependents.get(uid);
        set?.delete(old.metadata.uid);
        if (set?.size === 0) this.#dependents.delete(uid);
      }
    }
    if (!object || !now) return;
    for (const { uid } of now) {
      const set = this.#dependents.get(uid);
      if (set) set.set(object.metadata.uid, object);
      else this.#dependents.set(uid, new Map([[object.metadata.uid, object]]));
    }
  }
}
