import { isSidecar } from './pods.ts';
import { parseQuantity } from './quantity.ts';
import type { Container, Pod, ResourceList } from './types/index.ts';

// Source: component-helpers `resource/helpers.go` PodRequests, `pkg/scheduler/util/pod_resources.go`.

/** Amounts by resource: millicores for `cpu`, whole units (bytes, devices) for all others, rounded up. */
export type ResourceAmounts = Readonly<Record<string, number>>;

/** What scoring assumes of a container that asks for nothing: 100 millicores and 200 MiB. */
export const nonZeroDefaults: ResourceAmounts = { cpu: 100, memory: 200 * 1024 * 1024 };

type Sums = Record<string, number>;

const none: ResourceList = {};

/** Resources that a request at pod level may override. */
function isPodLevelResource(resource: string): boolean {
  return resource === 'cpu' || resource === 'memory' || resource.startsWith('hugepages-');
}

/**
 * What the pod asks for in sum: the larger of all regular containers with sidecars, and each init container with the sidecars declared
 * before it; then pod-level requests override; then the runtime's overhead is added. A resource that nobody names is absent.
 */
export function podRequests(pod: Pick<Pod, 'spec'>): ResourceAmounts {
  return aggregate(pod, 'requests', undefined);
}

/** `podRequests` where a container that names no CPU or memory counts with `nonZeroDefaults`; for scoring only. */
export function podNonZeroRequests(pod: Pick<Pod, 'spec'>): ResourceAmounts {
  return aggregate(pod, 'requests', nonZeroDefaults);
}

/** The pod's limits in sum by the same rule; only resources that some container bounds. */
export function podLimits(pod: Pick<Pod, 'spec'>): ResourceAmounts {
  return aggregate(pod, 'limits', undefined);
}

/** What one container asks for. */
export function containerRequests(container: Pick<Container, 'resources'>): ResourceAmounts {
  return roundedUp(addList({}, container.resources?.requests));
}

function aggregate(pod: Pick<Pod, 'spec'>, side: 'requests' | 'limits', missing: ResourceAmounts | undefined): ResourceAmounts {
  const { containers, initContainers, resources, overhead } = pod.spec;
  const sums: Sums = {};
  for (const container of containers) addContainer(sums, container, side, missing);
  if (initContainers !== undefined && initContainers.length > 0) {
    const sidecars: Sums = {};
    const largestInit: Sums = {};
    for (const container of initContainers) {
      if (isSidecar(container)) {
        addContainer(sums, container, side, missing);
        addContainer(sidecars, container, side, missing);
        takeLarger(largestInit, sidecars);
      } else {
        takeLarger(largestInit, addContainer({ ...sidecars }, container, side, missing));
      }
    }
    takeLarger(sums, largestInit);
  }
  const podLevel = resources?.[side];
  for (const resource in podLevel) {
    if (isPodLevelResource(resource)) sums[resource] = exactAmount(resource, podLevel[resource] ?? '0');
  }
  if (overhead !== undefined) addOverhead(sums, overhead, side);
  return roundedUp(sums);
}

function addContainer(sums: Sums, container: Container, side: 'requests' | 'limits', missing: ResourceAmounts | undefined): Sums {
  const amounts = container.resources?.[side] ?? none;
  addList(sums, amounts);
  for (const resource in missing) {
    if (!Object.hasOwn(amounts, resource)) sums[resource] = (sums[resource] ?? 0) + (missing[resource] ?? 0);
  }
  return sums;
}

function addList(sums: Sums, amounts: ResourceList | undefined): Sums {
  for (const resource in amounts) sums[resource] = (sums[resource] ?? 0) + exactAmount(resource, amounts[resource] ?? '0');
  return sums;
}

/** Overhead raises a limit only where there is one: an unbounded pod stays unbounded. */
function addOverhead(sums: Sums, overhead: ResourceList, side: 'requests' | 'limits'): void {
  for (const resource in overhead) {
    if (side === 'limits' && (sums[resource] ?? 0) === 0) continue;
    sums[resource] = (sums[resource] ?? 0) + exactAmount(resource, overhead[resource] ?? '0');
  }
}

function takeLarger(into: Sums, other: Sums): void {
  for (const resource in other) {
    const amount = other[resource] ?? 0;
    if (amount > (into[resource] ?? Number.NEGATIVE_INFINITY)) into[resource] = amount;
  }
}

/**
 * Upstream adds exact quantities and rounds the sum once. Whole amounts, nearly all there are, add exactly as they are; below one
 * unit the noise of float addition is far smaller than the finest part that a quantity can have.
 */
function roundedUp(sums: Sums): ResourceAmounts {
  for (const resource in sums) {
    const amount = sums[resource] ?? 0;
    if (!Number.isInteger(amount)) sums[resource] = Math.ceil(amount - 1e-7);
  }
  return sums;
}

function readExactly(text: string, nanosPerUnit: bigint): number {
  const { nano } = parseQuantity(text);
  const whole = nano / nanosPerUnit;
  return Number(whole) + Number(nano - whole * nanosPerUnit) / Number(nanosPerUnit);
}

// Few texts, read often; what is remembered follows from the text alone.
const millis = new Map<string, number>();
const units = new Map<string, number>();

function exactAmount(resource: string, text: string): number {
  const known = resource === 'cpu' ? millis : units;
  let amount = known.get(text);
  if (amount === undefined) {
    amount = readExactly(text, resource === 'cpu' ? 1_000_000n : 1_000_000_000n);
    if (known.size >= 10_000) known.clear();
    known.set(text, amount);
  }
  return amount;
}
