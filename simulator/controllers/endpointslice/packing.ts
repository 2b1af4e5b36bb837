import { type Endpoint, isEqual } from '@slipway/kube';

/** Endpoints that one slice holds at the most. Source: `--max-endpoints-per-slice`. */
export const MAX_ENDPOINTS = 100;

/** A slice as packing sees it: what it holds, and whatever identifies it. */
export interface Packable {
  readonly endpoints: readonly Endpoint[];
}

export interface Packing<S extends Packable> {
  readonly update: readonly { readonly slice: S; readonly endpoints: readonly Endpoint[] }[];
  readonly create: readonly (readonly Endpoint[])[];
  readonly remove: readonly S[];
}

/** An endpoint's identity: the pod behind it and its address. */
const idOf = ({ targetRef, addresses }: Endpoint): string => `${targetRef?.uid ?? ''}/${addresses.join()}`;

/**
 * Distributes endpoints over slices with as few writes as possible: refresh in place, fill slices that change anyway (fullest first),
 * put the rest into one unchanged slice that it fits best, and only then make new ones. Source: `endpointslice/reconciler.go`,
 * reconcileByPortMapping.
 */
export function pack<S extends Packable>(wanted: readonly Endpoint[], slices: readonly S[]): Packing<S> {
  const missing = new Map(wanted.map((endpoint) => [idOf(endpoint), endpoint]));
  const kept: { slice: S; endpoints: Endpoint[]; changed: boolean }[] = [];
  const remove: S[] = [];
  for (const slice of slices) {
    let changed = false;
    const endpoints: Endpoint[] = [];
    for (const old of slice.endpoints) {
      const now = missing.get(idOf(old));
      if (!now) {
        changed = true;
        continue;
      }
      missing.delete(idOf(old));
      const same = isEqual(old, now);
      endpoints.push(same ? old : now);
      changed ||= !same;
    }
    if (endpoints.length === 0) remove.push(slice);
    else kept.push({ slice, endpoints, changed });
  }
  const rest = [...missing.values()];
  const room = (each: { endpoints: Endpoint[] }): number => MAX_ENDPOINTS - each.endpoints.length;
  const changing = kept.filter(({ changed }) => changed).sort((a, b) => b.endpoints.length - a.endpoints.length);
  for (const each of changing) if (rest.length > 0) each.endpoints.push(...rest.splice(0, room(each)));
  const fitting = kept.filter((each) => !each.changed && room(each) >= rest.length).sort((a, b) => room(a) - room(b))[0];
  const reused = rest.length > 0 && rest.length < MAX_ENDPOINTS ? (fitting ?? undefined) : undefined;
  if (reused) {
    reused.endpoints.push(...rest.splice(0));
    reused.changed = true;
  }
  const create: Endpoint[][] = [];
  while (rest.length > 0) {
    const recycled = remove.pop();
    const batch = rest.splice(0, MAX_ENDPOINTS);
    if (recycled) kept.push({ slice: recycled, endpoints: batch, changed: true });
    else create.push(batch);
  }
  return { update: kept.filter(({ changed }) => changed).map(({ slice, endpoints }) => ({ slice, endpoints })), create, remove };
}
