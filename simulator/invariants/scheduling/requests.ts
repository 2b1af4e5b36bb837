import { type Container, type Pod, resourceAmount, type ResourceList } from '@slipway/kube';

/**
 * What a pod takes of its node, by resource, in the units of `resourceAmount`: the larger of what its containers (with the init
 * containers that keep running) ask together and what any one step of its initialisation asks, or what is stated for the pod as a
 * whole, and its overhead. Worked out here anew, so that a mistake in the scheduler's own sum is seen.
 */
export function effectiveRequests({ spec }: Pick<Pod, 'spec'>): ReadonlyMap<string, number> {
  const running = new Map<string, number>();
  const peak = new Map<string, number>();
  for (const { resources } of spec.containers) add(running, resources?.requests);
  const sidecars = new Map<string, number>();
  for (const init of spec.initContainers ?? []) {
    const requests = requestsOf(init);
    if (init.restartPolicy === 'Always') add(sidecars, requests);
    const step = new Map(sidecars);
    if (init.restartPolicy !== 'Always') add(step, requests);
    for (const [resource, amount] of step) peak.set(resource, Math.max(peak.get(resource) ?? 0, amount));
  }
  for (const [resource, amount] of sidecars) running.set(resource, (running.get(resource) ?? 0) + amount);
  for (const [resource, amount] of peak) running.set(resource, Math.max(running.get(resource) ?? 0, amount));
  for (const [resource, text] of Object.entries(spec.resources?.requests ?? {})) running.set(resource, resourceAmount(resource, text));
  add(running, spec.overhead);
  return running;
}

const requestsOf = ({ resources }: Pick<Container, 'resources'>): ResourceList | undefined => resources?.requests;

function add(sums: Map<string, number>, amounts: ResourceList | undefined): void {
  for (const resource in amounts) sums.set(resource, (sums.get(resource) ?? 0) + resourceAmount(resource, amounts[resource] ?? '0'));
}
