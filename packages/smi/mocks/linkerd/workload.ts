import { controllerOf, type Pod } from '@slipway/kube';

/** What a pod is a part of. */
export interface Workload {
  readonly kind: string;
  readonly name: string;
}

const HASH = 'pod-template-hash';

/**
 * The workload that a person knows a pod by: its controller, or the Deployment behind its ReplicaSet, which is told by the hash that both
 * carry in their names.
 */
export function workloadOf(pod: Pick<Pod, 'metadata'>): Workload | undefined {
  const controller = controllerOf(pod);
  if (!controller) return undefined;
  const deployment = deploymentOf(pod, controller);
  return deployment === undefined ? { kind: controller.kind, name: controller.name } : { kind: 'Deployment', name: deployment };
}

/** Each workload that a pod counts for: a ReplicaSet and its Deployment. */
export function workloadsOf(pod: Pick<Pod, 'metadata'>): readonly Workload[] {
  const controller = controllerOf(pod);
  if (!controller) return [];
  const own = { kind: controller.kind, name: controller.name };
  const deployment = deploymentOf(pod, own);
  return deployment === undefined ? [own] : [own, { kind: 'Deployment', name: deployment }];
}

function deploymentOf({ metadata }: Pick<Pod, 'metadata'>, { kind, name }: Workload): string | undefined {
  const hash = metadata.labels?.[HASH];
  return kind === 'ReplicaSet' && hash !== undefined && name.endsWith(`-${hash}`) ? name.slice(0, -hash.length - 1) : undefined;
}
