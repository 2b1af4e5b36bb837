import { type Container, type ContainerStatus, findCondition, isSidecar, type Pod, resourceAmount, type ResourceList } from '@slipway/kube';

/** Whether a container's status says what it holds, which is so only where in-place resize is in play. */
export function reportsHeldResources({ status }: Pod): boolean {
  const reports = ({ resources }: ContainerStatus): boolean => resources !== undefined;
  return (status?.containerStatuses?.some(reports) ?? false) || (status?.initContainerStatuses?.some(reports) ?? false);
}

/**
 * The pod as its node must count it while a resize is under way: each running container asks for the most of what it wants, what it was
 * granted and what it has; one whose wish cannot be met asks only for the latter two.
 * Source: `staging/src/k8s.io/component-helpers/resource/helpers.go` determineEffectiveRequests.
 */
export function withHeldResources(pod: Pod): Pod {
  if (!reportsHeldResources(pod)) return pod;
  const infeasible = findCondition(pod.status?.conditions, 'PodResizePending')?.reason === 'Infeasible';
  const statuses = new Map(
    [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])].map((status) => [status.name, status]),
  );
  const held = (container: Container): Container => {
    const status = statuses.get(container.name);
    if (status?.resources === undefined) return container;
    const lists = [status.resources.requests, status.allocatedResources, infeasible ? undefined : container.resources?.requests];
    return { ...container, resources: { ...container.resources, requests: largest(lists) } };
  };
  const { containers, initContainers } = pod.spec;
  return {
    ...pod,
    spec: {
      ...pod.spec,
      containers: containers.map(held),
      ...(initContainers && { initContainers: initContainers.map((container) => (isSidecar(container) ? held(container) : container)) }),
    },
  };
}

function largest(lists: readonly (ResourceList | undefined)[]): ResourceList {
  const most: Record<string, string> = {};
  for (const list of lists) {
    for (const [name, quantity] of Object.entries(list ?? {})) {
      const known = most[name];
      if (known === undefined || resourceAmount(name, quantity) > resourceAmount(name, known)) most[name] = quantity;
    }
  }
  return most;
}
