import { type EndpointSlice, keyOf, type Stored } from '@slipway/kube';

interface Written {
  readonly revision: number;
  /** One that was made may not be in the cache at all yet; one that was changed and is not there has gone. */
  readonly isNew: boolean;
}

/**
 * What the controller wrote and its cache has not shown yet. By an older cache nothing is decided: it would make a slice again, or take
 * its own change for what was wanted already. Source: `staging/src/k8s.io/endpointslice/util/endpointslice_tracker.go`, StaleSlices.
 */
export class SliceTracker {
  /** By Service, then by slice. */
  readonly #written = new Map<string, Map<string, Written>>();

  wrote(service: string, slice: Stored<EndpointSlice>, isNew: boolean): void {
    const slices = this.#written.get(service) ?? new Map<string, Written>();
    this.#written.set(service, slices.set(keyOf(slice), { revision: Number(slice.metadata.resourceVersion), isNew }));
  }

  forget(service: string): void {
    this.#written.delete(service);
  }

  /** Whether the cache is behind. Forgets what it shows. */
  isBehind(service: string, cached: readonly Stored<EndpointSlice>[]): boolean {
    const slices = this.#written.get(service);
    if (!slices) return false;
    const shown = new Map(cached.map((slice) => [keyOf(slice), Number(slice.metadata.resourceVersion)]));
    const isBehind = [...slices].some(([key, { revision, isNew }]) => {
      const seen = shown.get(key);
      return seen === undefined ? isNew : seen < revision;
    });
    if (!isBehind) this.#written.delete(service);
    return isBehind;
  }
}
