import {
  type Change,
  ControllerExpectations,
  type ControllerContext,
  type ControllerDefinition,
  defineController,
  watch,
} from '@slipway/client';
import { all, codeOf, type Micros, type Process, seconds } from '@slipway/kernel';
import {
  controllerOf,
  isPodActive,
  isPodReady,
  keyOf,
  matchesLabelSelector,
  type Pod,
  parseTime,
  type ReplicaSet,
  type Stored,
} from '@slipway/kube';
import { byController, claimPods, createPod, deletePod, orphansOf, podFromTemplate, slowStart } from '../pod-control.ts';
import { compareForDeletion } from './deletion-rank.ts';
import { type PodCounts, PodTallies } from './pod-tallies.ts';
import { countPods, type Failure, isSameStatus, replicaSetStatus } from './status.ts';

/** Pods that one reconcile makes or deletes at the most. */
const BURST = 500;

/** Keeps as many pods of a ReplicaSet as it asks for. Source: `pkg/controller/replicaset/replica_set.go`. */
export function replicaSetController(): ControllerDefinition {
  let expectations: ControllerExpectations;
  // By context, because a controller that comes again after a crash is told of every pod anew.
  const tallies = new WeakMap<ControllerContext, PodTallies>();

  return defineController({
    name: 'replicaset-controller',
    workers: 5,
    watches: [
      watch('replicasets', {
        indexers: { owner: (set) => [controllerOf(set)?.uid ?? ''], namespace: ({ metadata }) => [metadata.namespace ?? ''] },
      }),
      watch('pods', { indexers: { controller: byController }, keys: (pod, change) => podChanged(pod, change) }),
    ],
    start(context) {
      expectations = new ControllerExpectations(context.owner.kernel);
    },
    *reconcile(key, context) {
      const set = context.informers.get('replicasets').get(key);
      if (!set) {
        expectations.delete(key);
        return undefined;
      }
      // A set whose pods need no look at each, because nothing but numbers is asked, is not walked.
      const tallied = talliedCounts(set, context);
      const pods = tallied ? [] : yield* podsOf(set, context);
      const counts = tallied ?? countPods(set, pods, context.owner.kernel.unixMicros);
      let failure: Failure | undefined;
      if (set.metadata.deletionTimestamp === undefined && expectations.satisfied(key))
        failure = yield* manage(key, set, counts.active, pods, context);
      yield* writeStatus(set, counts, failure, context);
      // Tried again after a back-off: what refuses today may allow tomorrow without any object of this controller's changing.
      if (failure) throw failure.error;
      const next = nextAvailability(set, pods, context.owner.kernel.unixMicros);
      return next === undefined ? undefined : { requeueAfter: next };
    },
  });

  /** Creates what is missing or deletes what is too much. */
  function* manage(
    key: string,
    set: Stored<ReplicaSet>,
    active: number,
    pods: readonly Stored<Pod>[],
    context: ControllerContext,
  ): Process<Failure | undefined> {
    const missing = (set.spec.replicas ?? 1) - active;
    if (missing > 0) return yield* createMissing(key, set, Math.min(missing, BURST), context);
    if (missing < 0) {
      const victims = victimsOf(set, pods.filter(isPodActive), Math.min(-missing, BURST), context);
      return yield* deleteSurplus(key, set, victims, context);
    }
    return undefined;
  }

  /** The counts without a look at each pod, where that is enough: nothing to adopt, to release, to choose from or to wait for. */
  function talliedCounts(set: Stored<ReplicaSet>, context: ControllerContext): PodCounts | undefined {
    if ((set.spec.minReadySeconds ?? 0) > 0) return undefined;
    const { selector } = set.spec;
    const tally = talliesOf(context);
    const deleting = set.metadata.deletionTimestamp !== undefined;
    if (!deleting && tally.hasActive(orphansOf(set.metadata.namespace), selector)) return undefined;
    const counts = tally.of(set.metadata.uid, selector, set.spec.template?.metadata?.labels ?? {});
    return counts && counts.active > (set.spec.replicas ?? 1) ? undefined : counts;
  }

  function talliesOf(context: ControllerContext): PodTallies {
    let tally = tallies.get(context);
    if (!tally) {
      tally = new PodTallies();
      tallies.set(context, tally);
    }
    return tally;
  }

  function podChanged(pod: Stored<Pod>, change: Change<Pod>): readonly string[] {
    talliesOf(change.context).change(change.old, change.event === 'DELETED' ? undefined : pod);
    return setsToWake(pod, change);
  }

  function* createMissing(key: string, set: Stored<ReplicaSet>, count: number, context: ControllerContext): Process<Failure | undefined> {
    const { template } = set.spec;
    if (!template) return undefined;
    const pod = podFromTemplate(set, template);
    expectations.expectCreations(key, count);
    const { tried, done, error } = yield* slowStart(count, () => createPod(context, set, pod));
    // Those that failed or were never tried will never be seen.
    expectations.raise(key, -(count - done), 0);
    return done < tried ? { reason: 'FailedCreate', error } : undefined;
  }

  function* deleteSurplus(
    key: string,
    set: Stored<ReplicaSet>,
    victims: readonly Stored<Pod>[],
    context: ControllerContext,
  ): Process<Failure | undefined> {
    expectations.expectDeletionsOf(
      key,
      victims.map(({ metadata }) => metadata.uid),
    );
    const attempts = yield* all(victims.map((pod) => deletePod(context, set, pod)));
    let failure: Failure | undefined;
    for (const [index, attempt] of attempts.entries()) {
      if (attempt.done) continue;
      expectations.deletionObserved(key, victims[index]?.metadata.uid);
      failure ??= { reason: 'FailedDelete', error: attempt.error };
    }
    return failure;
  }

  /** The pod's own set; for an orphan every set of its namespace that would adopt it. Sees what was expected. */
  function setsToWake(pod: Stored<Pod>, { event, old, context }: Change<Pod>): readonly string[] {
    const keys = new Set<string>();
    for (const version of [pod, old]) {
      const owner = version && controllerOf(version);
      if (!version || owner?.kind !== 'ReplicaSet') continue;
      const key = `${version.metadata.namespace}/${owner.name}`;
      keys.add(key);
      if (event === 'ADDED' && version.metadata.deletionTimestamp === undefined) expectations?.creationObserved(key);
      // A pod that is being deleted no longer counts, so its deletion has been seen.
      if (event === 'DELETED' || version.metadata.deletionTimestamp !== undefined)
        expectations?.deletionObserved(key, version.metadata.uid);
    }
    if (controllerOf(pod) === undefined && event !== 'DELETED') {
      for (const set of context.informers.get('replicasets').byIndex('namespace', pod.metadata.namespace ?? '')) {
        if (matchesLabelSelector(set.spec.selector, pod.metadata.labels)) keys.add(keyOf(set));
      }
    }
    return [...keys];
  }
}

function podsOf(set: Stored<ReplicaSet>, context: ControllerContext): Process<Stored<Pod>[]> {
  const pods = context.informers.get('pods');
  const controlled = pods.byIndex('controller', set.metadata.uid);
  // A pod that has ended is nothing to adopt.
  const orphans = pods.byIndex('controller', orphansOf(set.metadata.namespace)).filter(isPodActive);
  return claimPods(context, set, set.spec.selector, controlled, orphans);
}

/** The first so many by deletion rank. */
function victimsOf(
  set: Stored<ReplicaSet>,
  active: readonly Stored<Pod>[],
  count: number,
  { informers, owner }: ControllerContext,
): readonly Stored<Pod>[] {
  if (count >= active.length) return active;
  const controller = controllerOf(set);
  const siblings = controller ? informers.get('replicasets').byIndex('owner', controller.uid) : [set];
  const onNode = new Map<string, number>();
  for (const sibling of siblings) {
    for (const pod of informers.get('pods').byIndex('controller', sibling.metadata.uid)) {
      const node = pod.spec.nodeName;
      if (node && isPodActive(pod)) onNode.set(node, (onNode.get(node) ?? 0) + 1);
    }
  }
  const now = owner.kernel.unixMicros;
  return [...active]
    .sort((a, b) => compareForDeletion(a, b, (pod) => ({ relatedOnNode: onNode.get(pod.spec.nodeName ?? '') ?? 0, now })))
    .slice(0, count);
}

function* writeStatus(
  set: Stored<ReplicaSet>,
  counts: PodCounts,
  failure: Failure | undefined,
  { api, timestamp }: ControllerContext,
): Process {
  const status = replicaSetStatus(set, counts, failure, timestamp);
  if (isSameStatus(set.status, status)) return;
  try {
    yield* api.replicasets.updateStatus({ ...set, status });
  } catch (error) {
    if (codeOf(error) === 'NotFound') return;
    throw error;
  }
}

/** Time until the next ready pod becomes available, where minReadySeconds makes it wait. */
function nextAvailability(set: Stored<ReplicaSet>, pods: readonly Stored<Pod>[], now: number): Micros | undefined {
  const wait = seconds(set.spec.minReadySeconds ?? 0);
  if (wait === 0) return undefined;
  const left = pods
    .filter((pod) => isPodActive(pod) && isPodReady(pod))
    .map((pod) => (parseTime(pod.status?.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime ?? '') ?? now) + wait - now)
    .filter((micros) => micros > 0);
  return left.length > 0 ? Math.min(...left) : undefined;
}
