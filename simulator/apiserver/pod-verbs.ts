import type { BindRequest, DeleteResponse, EvictRequest } from '@slipway/client';
import {
  conflict,
  forbidden,
  internalError,
  isPodReady,
  isTerminal,
  matchesLabelSelector,
  type Pod,
  type PodCondition,
  type PodDisruptionBudget,
  setCondition,
  type Stored,
  tooManyRequests,
} from '@slipway/kube';
import { podTopologyLabels } from './admission/index.ts';
import { deleteObject, stored } from './delete.ts';
import type { Machinery } from './machinery.ts';

/** Places a pod on a node; written once. Source: `pkg/registry/core/pod/storage/storage.go` BindingREST. */
export function bindPod(machinery: Machinery, request: BindRequest): Stored<Pod> {
  const { registry, store, identity, view } = machinery;
  const table = registry.table('pods');
  const pod = stored(table, request.namespace, request.name) as Stored<Pod>;
  const { metadata, spec } = pod;
  const refuse = (why: string): Error => conflict(bindings, metadata.name, why);
  if (request.uid && request.uid !== metadata.uid) {
    throw conflict(
      table.kind,
      metadata.name,
      `Precondition failed: UID in precondition: ${request.uid}, UID in object meta: ${metadata.uid}`,
    );
  }
  if (metadata.deletionTimestamp !== undefined) throw refuse(`pod ${metadata.name} is being deleted, cannot be assigned to a host`);
  if (spec.nodeName) throw refuse(`pod ${metadata.name} is already assigned to node "${spec.nodeName}"`);
  if ((spec.schedulingGates?.length ?? 0) > 0) throw refuse(`pod ${metadata.name} has non-empty .spec.schedulingGates`);

  const topology = podTopologyLabels(request.nodeName, view);
  const labels = topology || request.labels ? { ...metadata.labels, ...topology, ...request.labels } : metadata.labels;
  const annotations = request.annotations ? { ...metadata.annotations, ...request.annotations } : metadata.annotations;
  const { nominatedNodeName: _nominated, ...status } = pod.status ?? {};
  const scheduled: PodCondition = { type: 'PodScheduled', status: 'True', lastTransitionTime: identity.timestamp() };
  const bound: Pod = {
    ...pod,
    metadata: {
      ...metadata,
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
    },
    spec: { ...spec, nodeName: request.nodeName },
    status: { ...status, conditions: setCondition<PodCondition>(status.conditions, scheduled) },
  };
  return store.put(table, bound, pod, 'bind') as Stored<Pod>;
}

/** How refusals of a binding name what was refused. */
const bindings = { group: '', plural: 'pods/binding' };

const VIOLATION = "Cannot evict pod as it would violate the pod's disruption budget.";

/** Deletes a pod unless a disruption budget says no. Source: `pkg/registry/core/pod/storage/eviction.go`. */
export function evictPod(machinery: Machinery, request: EvictRequest): DeleteResponse {
  const { registry, store, identity } = machinery;
  const table = registry.table('pods');
  let pod = stored(table, request.namespace, request.name) as Stored<Pod>;
  // Nothing is disrupted by the end of a pod that serves nobody.
  const counts = !isTerminal(pod) && pod.status?.phase !== 'Pending' && pod.metadata.deletionTimestamp === undefined;
  if (counts) spendBudget(machinery, pod);
  if (pod.metadata.deletionTimestamp === undefined) {
    const condition: PodCondition = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'EvictionByEvictionAPI',
      message: 'Eviction API: evicting',
      lastTransitionTime: identity.timestamp(),
    };
    const conditions = setCondition<PodCondition>(pod.status?.conditions, condition);
    const marked: Pod = { ...pod, status: { ...pod.status, conditions } };
    pod = store.put(table, marked, pod, 'evict') as Stored<Pod>;
  }
  return deleteObject(machinery, table, pod, request, 'evict');
}

function spendBudget({ registry, store, identity }: Machinery, pod: Stored<Pod>): void {
  const table = registry.table('poddisruptionbudgets');
  const budgets = [...table.values(pod.metadata.namespace)].filter((each) =>
    matchesLabelSelector((each as Stored<PodDisruptionBudget>).spec?.selector, pod.metadata.labels),
  ) as Stored<PodDisruptionBudget>[];
  const [budget, second] = budgets;
  if (!budget) return;
  if (second) throw internalError('This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.');
  const { name } = budget.metadata;
  const { status } = budget;
  if (!isPodReady(pod)) {
    if (budget.spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow') return;
    // A pod that is not ready takes nothing from a budget that is met without it.
    if (status && status.currentHealthy >= status.desiredHealthy && status.desiredHealthy > 0) return;
  }
  const refuse = (message: string, retryAfter: number): Error =>
    tooManyRequests(VIOLATION, retryAfter, [{ reason: 'DisruptionBudget', message }]);
  if (!status || (status.observedGeneration ?? 0) < (budget.metadata.generation ?? 0)) {
    throw refuse(`The disruption budget ${name} is still being processed by the server.`, 10);
  }
  if (status.disruptionsAllowed < 0) throw forbidden(table.kind, name, 'pdb disruptions allowed is negative');
  if (status.disruptionsAllowed === 0) {
    throw refuse(`The disruption budget ${name} needs ${status.desiredHealthy} healthy pods and has ${status.currentHealthy} currently`, 0);
  }
  const spent: PodDisruptionBudget = {
    ...budget,
    status: {
      ...status,
      disruptionsAllowed: status.disruptionsAllowed - 1,
      disruptedPods: { ...status.disruptedPods, [pod.metadata.name]: identity.timestamp() },
    },
  };
  store.put(table, spent, budget, 'update status');
}
