import { type Pod, podRequests } from '@slipway/kube';
import type { Shortage } from './signals.ts';

/** Bytes that a pod and each of its containers use of what is short. */
export interface Usage {
  readonly pod: number;
  readonly containers: ReadonlyMap<string, number>;
}

const NOTHING: Usage = { pod: 0, containers: new Map() };

/**
 * Pods in the order in which they are evicted: those first that use more than they asked for, then those of low priority, then those that
 * are furthest above what they asked for. Equal ones stay in the order that they are in.
 *
 * Source: `pkg/kubelet/eviction/helpers.go` rankMemoryPressure, rankDiskPressureFunc.
 */
export function evictionOrder(
  pods: readonly Pod[],
  usages: ReadonlyMap<string, Usage>,
  { resource }: Pick<Shortage, 'resource'>,
): readonly Pod[] {
  const ranked = pods.map((pod) => {
    const excess = (usages.get(pod.metadata.uid ?? '') ?? NOTHING).pod - (podRequests(pod)[resource] ?? 0);
    return { pod, excess, priority: pod.spec.priority ?? 0 };
  });
  const exceeds = ({ excess }: { readonly excess: number }): number => (excess > 0 ? 0 : 1);
  return ranked.sort((a, b) => exceeds(a) - exceeds(b) || a.priority - b.priority || b.excess - a.excess).map(({ pod }) => pod);
}

/** Why a pod was evicted. Source: `pkg/kubelet/eviction/helpers.go` evictionMessage. */
export function evictionMessage(pod: Pod, usage: Usage | undefined, { resource, threshold, available }: Shortage): string {
  let message = `The node was low on resource: ${resource}. `;
  if (threshold !== '') message += `Threshold quantity: ${threshold}, available: ${available}. `;
  for (const { name, resources } of pod.spec.containers) {
    const used = usage?.containers.get(name) ?? 0;
    const requested = String(resources?.requests?.[resource] ?? '0');
    if (used > containerRequest(pod, name, resource))
      message += `Container ${name} was using ${readable(used)}, request is ${requested}, has larger consumption of ${resource}. `;
  }
  return message;
}

function containerRequest(pod: Pod, name: string, resource: string): number {
  const containers = pod.spec.containers.filter((container) => container.name === name);
  return podRequests({ ...pod, spec: { ...pod.spec, initContainers: [], containers } })[resource] ?? 0;
}

/** As Go prints a binary quantity: the largest unit that leaves a whole number. */
function readable(bytes: number): string {
  let [amount, unit] = [bytes, 0];
  while (amount >= 1024 && amount % 1024 === 0 && unit < UNITS.length - 1) {
    amount /= 1024;
    unit += 1;
  }
  return `${amount}${UNITS[unit]}`;
}

const UNITS = ['', 'Ki', 'Mi', 'Gi', 'Ti'] as const;
