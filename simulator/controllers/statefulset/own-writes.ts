import type { SharedInformers } from '@slipway/client';

/** What a set's controller writes. */
export type Written = 'pods' | 'persistentvolumeclaims' | 'statefulsets';

interface Latest {
  readonly versions: Map<Written, number>;
  /** Claims among them: these belong to nobody, so only this tells whom their arrival wakes. */
  readonly claims: Set<string>;
}

/**
 * A controller's own last writes, by the key of what it wrote them for: until its caches have them it must not decide again.
 * Source: `pkg/controller/util/consistency`.
 */
export class OwnWrites {
  readonly #latest = new Map<string, Latest>();
  readonly #awaited = new Map<string, string>();

  /** @param objectKey of what was written, `namespace/name` */
  wrote(key: string, resource: Written, objectKey: string, resourceVersion: string): void {
    let latest = this.#latest.get(key);
    if (!latest) {
      latest = { versions: new Map(), claims: new Set() };
      this.#latest.set(key, latest);
    }
    latest.versions.set(resource, Math.max(latest.versions.get(resource) ?? 0, Number(resourceVersion)));
    if (resource !== 'persistentvolumeclaims') return;
    latest.claims.add(objectKey);
    this.#awaited.set(objectKey, key);
  }

  /** Whether the caches are as new as the last writes; what they have seen is forgotten. */
  seen(key: string, informers: SharedInformers): boolean {
    const latest = this.#latest.get(key);
    if (!latest) return true;
    for (const [resource, version] of latest.versions) if (Number(informers.get(resource).revision ?? 0) < version) return false;
    this.forget(key);
    return true;
  }

  /** Whom a claim's arrival wakes. */
  waitingFor(claimKey: string): readonly string[] {
    const key = this.#awaited.get(claimKey);
    return key === undefined ? [] : [key];
  }

  forget(key: string): void {
    for (const claim of this.#latest.get(key)?.claims ?? []) this.#awaited.delete(claim);
    this.#latest.delete(key);
  }
}
