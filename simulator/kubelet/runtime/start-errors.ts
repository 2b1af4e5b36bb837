import type { StartError } from '../status/container-status.ts';

/** Why containers could not be started the last time they were tried. Source: `pkg/kubelet/reason_cache.go`. */
export class StartErrors {
  readonly #byPod = new Map<string, Map<string, StartError>>();

  get(uid: string, container: string): StartError | undefined {
    return this.#byPod.get(uid)?.get(container);
  }

  set(uid: string, container: string, error: StartError): void {
    const ofPod = this.#byPod.get(uid) ?? new Map<string, StartError>();
    this.#byPod.set(uid, ofPod.set(container, error));
  }

  clear(uid: string, container: string): void {
    const ofPod = this.#byPod.get(uid);
    if (ofPod?.delete(container) && ofPod.size === 0) this.#byPod.delete(uid);
  }

  /** The pod is gone. */
  forget(uid: string): void {
    this.#byPod.delete(uid);
  }
}
