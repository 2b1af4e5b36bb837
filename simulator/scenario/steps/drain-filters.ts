import type { Process } from '@slipway/kernel';
import { controllerOf, isApiError, isTerminal, type Pod, type Stored } from '@slipway/kube';
import type { ScenarioCluster } from '../cluster.ts';

/** Marks the API's image of a pod that a kubelet has from a file. */
const MIRROR = 'kubernetes.io/config.mirror';
const UNMANAGED = 'cannot delete Pods that declare no controller (use --force to override)';

/** The pods that a drain evicts, and why it must not begin. */
export interface DrainList {
  readonly pods: readonly Stored<Pod>[];
  readonly errors: readonly string[];
}

/**
 * What of a node's pods has to go: those of DaemonSets and mirror pods stay. Source: `staging/src/k8s.io/kubectl/pkg/drain/filters.go`,
 * with --ignore-daemonsets and --delete-emptydir-data; filters in upstream's order, each error with all its pods.
 */
export function* podsToEvict(cluster: ScenarioCluster, node: string, force: boolean): Process<DrainList> {
  const { items } = yield* cluster.api.pods.list({ fieldSelector: `spec.nodeName=${node}` });
  const pods: Stored<Pod>[] = [];
  const refusals = new Map<string, string[]>();
  for (const pod of items) {
    const verdict = yield* judge(cluster, pod, force);
    if (verdict === 'evict') pods.push(pod);
    if (verdict === 'evict' || verdict === 'skip') continue;
    const refused = refusals.get(verdict.refuse);
    const title = `${pod.metadata.namespace}/${pod.metadata.name}`;
    if (refused) refused.push(title);
    else refusals.set(verdict.refuse, [title]);
  }
  const errors = [...refusals].map(
    ([why, titles]) => `${why.startsWith('cannot delete') ? why : `cannot delete ${why}`}: ${titles.join(', ')}`,
  );
  return { pods, errors };
}

function* judge({ api }: ScenarioCluster, pod: Stored<Pod>, force: boolean): Process<'evict' | 'skip' | { readonly refuse: string }> {
  const isFinished = isTerminal(pod);
  const controller = controllerOf(pod);
  if (controller?.kind === 'DaemonSet' && !isFinished) {
    try {
      yield* api.daemonsets.get({ namespace: pod.metadata.namespace ?? 'default', name: controller.name });
      return 'skip';
    } catch (error) {
      if (!isApiError(error)) throw error;
      // An orphan of a DaemonSet that is gone.
      if (error.code !== 'NotFound' || !force) return { refuse: error.message };
    }
  }
  if (pod.metadata.annotations?.[MIRROR] !== undefined) return 'skip';
  if (isFinished || controller || force) return 'evict';
  return { refuse: UNMANAGED };
}
