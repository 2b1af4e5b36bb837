import type { ResourceAmounts } from '@slipway/kube';

/**
 * Amounts of resources as integers: CPU in millicores, memory and storage in bytes, all others in whole units.
 * Immutable. Source: `pkg/scheduler/framework/types.go` Resource.
 */
export interface Resource {
  readonly milliCPU: number;
  readonly memory: number;
  readonly ephemeralStorage: number;
  /** Only meaningful as an allocatable amount. */
  readonly allowedPodNumber: number;
  /** Everything else by name: huge pages, `example.com/gpu`. Empty for most pods. */
  readonly scalar: ReadonlyMap<string, number>;
}

const noScalars: ReadonlyMap<string, number> = new Map();

export const noResource: Resource = { milliCPU: 0, memory: 0, ephemeralStorage: 0, allowedPodNumber: 0, scalar: noScalars };

/** Resources beside the four that have a field: those with a domain, huge pages, and attachable volumes (`util.IsScalarResourceName`). */
export function isScalarResource(name: string): boolean {
  return name.includes('/') || name.startsWith('hugepages-') || name.startsWith('attachable-volumes-');
}

/** From amounts by name, in the units above; unknown plain names are left out, as upstream does. */
export function resourceOfAmounts(amounts: ResourceAmounts): Resource {
  let milliCPU = 0;
  let memory = 0;
  let ephemeralStorage = 0;
  let allowedPodNumber = 0;
  let scalar: Map<string, number> | undefined;
  for (const name in amounts) {
    const amount = amounts[name] ?? 0;
    if (name === 'cpu') milliCPU = amount;
    else if (name === 'memory') memory = amount;
    else if (name === 'ephemeral-storage') ephemeralStorage = amount;
    else if (name === 'pods') allowedPodNumber = amount;
    else if (isScalarResource(name)) {
      scalar ??= new Map();
      scalar.set(name, amount);
    }
  }
  return { milliCPU, memory, ephemeralStorage, allowedPodNumber, scalar: scalar ?? noScalars };
}

/** `a + sign · b`; the pod limit is `a`'s. */
export function combine(a: Resource, b: Resource, sign: 1 | -1): Resource {
  return {
    milliCPU: a.milliCPU + sign * b.milliCPU,
    memory: a.memory + sign * b.memory,
    ephemeralStorage: a.ephemeralStorage + sign * b.ephemeralStorage,
    allowedPodNumber: a.allowedPodNumber,
    scalar: b.scalar.size === 0 ? a.scalar : combineScalars(a.scalar, b.scalar, sign),
  };
}

function combineScalars(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>, sign: 1 | -1): ReadonlyMap<string, number> {
  const sum = new Map(a);
  for (const [name, amount] of b) sum.set(name, (sum.get(name) ?? 0) + sign * amount);
  return sum;
}

/** The amount of one resource by its Kubernetes name; 0 when there is none. */
export function amountOf(resource: Resource, name: string): number {
  switch (name) {
    case 'cpu':
      return resource.milliCPU;
    case 'memory':
      return resource.memory;
    case 'ephemeral-storage':
      return resource.ephemeralStorage;
    case 'pods':
      return resource.allowedPodNumber;
    default:
      return resource.scalar.get(name) ?? 0;
  }
}

/** Asks for nothing at all (a request of zero of an extended resource counts as asking). */
export function isNothing(resource: Resource): boolean {
  return resource.milliCPU === 0 && resource.memory === 0 && resource.ephemeralStorage === 0 && resource.scalar.size === 0;
}

/** Does `after` ask for less of anything than `before`? */
export function requestsShrank(before: Resource, after: Resource): boolean {
  if (after.milliCPU < before.milliCPU || after.memory < before.memory || after.ephemeralStorage < before.ephemeralStorage) return true;
  for (const [name, amount] of before.scalar) if ((after.scalar.get(name) ?? 0) < amount) return true;
  return false;
}
