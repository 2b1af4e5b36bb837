import type { KubeObject, Stored } from '@slipway/kube';

/**
 * What a controller has written and its cache has not seen yet: without it, a decision right after a write would be made on the state
 * before. Source: `pkg/controller/volume/persistentvolume/pv_controller_base.go`, storeObjectUpdate.
 */
export class OwnWrites<T extends KubeObject> {
  readonly #written = new Map<string, Stored<T>>();

  /** Remembers an answer of the API server, and gives it back. */
  note(key: string, object: Stored<T>): Stored<T> {
    this.#written.set(key, object);
    return object;
  }

  /** The newer of the two states; the cache's once it has caught up. */
  newest(key: string, cached: Stored<T> | undefined): Stored<T> | undefined {
    const written = this.#written.get(key);
    if (!written) return cached;
    if (cached && cached.metadata.uid === written.metadata.uid && revision(cached) < revision(written)) return written;
    this.#written.delete(key);
    return cached;
  }

  /** The object is gone. */
  forget(key: string): void {
    this.#written.delete(key);
  }
}

/** Revisions of one object are compared here as upstream does it, though clients in general may not. */
const revision = ({ metadata }: KubeObject): number => Number(metadata.resourceVersion);
