import type { Container, Pod } from '@slipway/kube';

/** The pod uses the node's network. */
export function isHostNetwork(pod: Pod): boolean {
  return pod.spec.hostNetwork === true;
}

/** Name of a container's list in the pod spec and of its kind in annotations. */
export type ContainerKind = 'container' | 'init' | 'ephemeral';

/** A container's spec by name, with its kind. */
export function findContainer(pod: Pod, name: string): { readonly container: Container; readonly kind: ContainerKind } | undefined {
  for (const container of pod.spec.containers) if (container.name === name) return { container, kind: 'container' };
  for (const container of pod.spec.initContainers ?? []) if (container.name === name) return { container, kind: 'init' };
  for (const container of pod.spec.ephemeralContainers ?? []) if (container.name === name) return { container, kind: 'ephemeral' };
  return undefined;
}

const fieldOf: Readonly<Record<ContainerKind, string>> = {
  container: 'containers',
  init: 'initContainers',
  ephemeral: 'ephemeralContainers',
};

/** Where a container stands in the pod, as events point to it: `spec.containers{app}`. Source: `pkg/kubelet/container/ref.go`. */
export function fieldPathOf(pod: Pod, name: string): string {
  const found = findContainer(pod, name);
  return found ? `spec.${fieldOf[found.kind]}{${name}}` : `implicitly required container ${name}`;
}

/** A pod as messages name it: `name_namespace(uid)`. Source: `pkg/kubelet/util/format/pod.go`. */
export function formatPod(pod: Pod): string {
  return `${pod.metadata.name}_${pod.metadata.namespace ?? 'default'}(${pod.metadata.uid ?? ''})`;
}

/** The kubelet writes nothing more about a pod in these phases. */
export function isTerminalPhase(phase: string | undefined): boolean {
  return phase === 'Succeeded' || phase === 'Failed';
}
