import { type Change, type ControllerContext, type ControllerDefinition, defineController, watch } from '@slipway/client';
import { messageOf, type Process } from '@slipway/kernel';
import {
  type Condition,
  controllerOf,
  isEqual,
  isPodReady,
  keyOf,
  matchesLabelSelector,
  parseTime,
  type Pod,
  type PodDisruptionBudget,
  type PodDisruptionBudgetStatus,
  setCondition,
  type Stored,
} from '@slipway/kube';
import { allowedOf, DELETION_TIMEOUT, type Expected, expectedOf, healthyOf, stillDisrupted } from './budget.ts';

/**
 * Keeps count of how many pods of each disruption budget may be evicted; the eviction subresource spends from that. Source:
 * `pkg/controller/disruption/disruption.go`. Owners with replicas are ReplicaSets, Deployments and StatefulSets: other kinds with a scale
 * subresource are not asked. A DisruptionTarget condition of a pod that was spared stays.
 */
export function disruptionController(): ControllerDefinition {
  return defineController({
    name: 'disruption-controller',
    watches: [
      watch('poddisruptionbudgets', { indexers: { namespace: ({ metadata }) => [metadata.namespace ?? ''] } }),
      watch('pods', { indexers: { namespace: ({ metadata }) => [metadata.namespace ?? ''] }, keys: budgetsOf }),
      watch('replicasets', { keys: () => [] }),
      watch('deployments', { keys: () => [] }),
      watch('statefulsets', { keys: () => [] }),
    ],
    *reconcile(key, context) {
      const { informers, events, owner } = context;
      const budget = informers.get('poddisruptionbudgets').get(key);
      if (!budget) return undefined;
      const { spec = {}, metadata, status } = budget;
      const pods = informers
        .get('pods')
        .byIndex('namespace', metadata.namespace ?? '')
        .filter((pod) => matchesLabelSelector(spec.selector, pod.metadata.labels));
      if (pods.length === 0) events.normal(budget, 'NoPods', 'No matching pods found');
      let expected: Expected;
      try {
        expected = expectedOf(spec, pods.length, () => scaleOf(pods, context));
      } catch (error) {
        const message = messageOf(error);
        events.warning(budget, 'CalculateExpectedPodCountFailed', `Failed to calculate the number of expected pods: ${message}`);
        // Nothing may go while nobody knows how many there should be.
        yield* write(budget, { ...status, ...NOTHING, disruptionsAllowed: 0 }, { reason: 'SyncFailed', message }, context);
        return undefined;
      }
      const now = owner.kernel.unixMicros;
      const disruptedPods = stillDisrupted(status?.disruptedPods ?? {}, pods, now);
      const currentHealthy = healthyOf(pods, disruptedPods);
      const { disruptedPods: _before, ...rest } = { ...NOTHING, ...status };
      const next: PodDisruptionBudgetStatus = {
        ...rest,
        ...expected,
        currentHealthy,
        disruptionsAllowed: allowedOf(expected, currentHealthy),
        ...(Object.keys(disruptedPods).length > 0 && { disruptedPods }),
      };
      const reason = next.disruptionsAllowed > 0 ? 'SufficientPods' : 'InsufficientPods';
      yield* write(budget, next, { reason, message: '' }, context);
      const oldest = Math.min(...Object.values(disruptedPods).map((since) => parseTime(since) ?? 0));
      return Number.isFinite(oldest) ? { requeueAfter: oldest + DELETION_TIMEOUT - now + 1 } : undefined;
    },
  });
}

const NOTHING = { expectedPods: 0, desiredHealthy: 0, currentHealthy: 0, disruptionsAllowed: 0 };

function* write(
  budget: Stored<PodDisruptionBudget>,
  next: PodDisruptionBudgetStatus,
  { reason, message }: Pick<Condition, 'reason' | 'message'>,
  { api, timestamp }: ControllerContext,
): Process {
  const { generation } = budget.metadata;
  const condition: Condition = {
    type: 'DisruptionAllowed',
    status: reason === 'SufficientPods' ? 'True' : 'False',
    reason,
    message,
    lastTransitionTime: timestamp(),
    ...(generation === undefined ? {} : { observedGeneration: generation }),
  };
  const status: PodDisruptionBudgetStatus = {
    ...next,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    conditions: setCondition<Condition>(next.conditions, condition),
  };
  if (!isEqual(status, budget.status)) yield* api.poddisruptionbudgets.updateStatus({ ...budget, status });
}

/** Replicas of everything that owns these pods. @throws Error for a pod without an owner that has replicas */
function scaleOf(pods: readonly Stored<Pod>[], { informers }: ControllerContext): number {
  const replicas = new Map<string, number>();
  for (const pod of pods) {
    const { namespace, name } = pod.metadata;
    const owner = controllerOf(pod);
    // A pod of nobody is in no count, as upstream has it.
    if (!owner) continue;
    const key = `${namespace}/${owner.name}`;
    const set = owner.kind === 'ReplicaSet' ? informers.get('replicasets').get(key) : undefined;
    const above = set && controllerOf(set);
    const found =
      above?.kind === 'Deployment'
        ? informers.get('deployments').get(`${namespace}/${above.name}`)
        : (set ?? (owner.kind === 'StatefulSet' ? informers.get('statefulsets').get(key) : undefined));
    if (!found) throw new Error(`found no controllers for pod "${name}"`);
    replicas.set(found.metadata.uid, found.spec.replicas ?? 1);
  }
  return [...replicas.values()].reduce((sum, each) => sum + each, 0);
}

/** Budgets that the change of a pod concerns: most of a pod's writes change nothing that is counted. */
function budgetsOf(pod: Stored<Pod>, { event, old, context }: Change<Pod>): readonly string[] {
  const budgets = context.informers.get('poddisruptionbudgets').byIndex('namespace', pod.metadata.namespace ?? '');
  if (budgets.length === 0 || (event === 'MODIFIED' && old && !isHealthChange(old, pod))) return [];
  const selects = ({ spec }: PodDisruptionBudget): boolean =>
    matchesLabelSelector(spec?.selector, pod.metadata.labels) ||
    (old !== undefined && matchesLabelSelector(spec?.selector, old.metadata.labels));
  return budgets.filter(selects).map(keyOf);
}

function isHealthChange(before: Stored<Pod>, after: Stored<Pod>): boolean {
  return (
    isPodReady(before) !== isPodReady(after) ||
    before.metadata.deletionTimestamp !== after.metadata.deletionTimestamp ||
    !isEqual(before.metadata.labels, after.metadata.labels)
  );
}
