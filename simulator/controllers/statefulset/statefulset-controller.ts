import {
  type Change,
  type ControllerContext,
  type ControllerDefinition,
  defineController,
  type ReconcileResult,
  watch,
} from '@slipway/client';
import { codeOf, type Micros, type Process, seconds } from '@slipway/kernel';
import {
  controllerOf,
  controllerReference,
  type ControllerRevision,
  isPodReady,
  keyOf,
  matchesLabelSelector,
  parseTime,
  type Pod,
  type PodTemplateSpec,
  type StatefulSet,
  type StatefulSetStatus,
  type Stored,
} from '@slipway/kube';
import { byController, claimPods, orphansOf, slowStart } from '../pod-control.ts';
import { type History, syncHistory } from '../revisions/controller-history.ts';
import { type Action, decide, type Decision } from './decide.ts';
import { ordinalOf, type Revision, revisionOf } from './identity.ts';
import { OwnWrites } from './own-writes.ts';
import { perform, type PerformOptions } from './perform.ts';
import { completed, tellsNothingNew } from './status.ts';

/** Keeps pods with lasting names and volumes. Source: `pkg/controller/statefulset/`. */
export function statefulSetController(): ControllerDefinition {
  const writes = new OwnWrites();

  return defineController({
    name: 'statefulset-controller',
    workers: 5,
    watches: [
      watch('statefulsets', { indexers: { namespace: ({ metadata }) => [metadata.namespace ?? ''] } }),
      watch('controllerrevisions', {
        indexers: {
          controller: (revision) => [controllerOf(revision)?.uid ?? ''],
          orphans: (revision) => (controllerOf(revision) ? [] : [revision.metadata.namespace ?? '']),
        },
        keys: () => [],
      }),
      watch('pods', { indexers: { controller: byController }, keys: setsOfPod }),
      watch('persistentvolumeclaims', { keys: (claim) => writes.waitingFor(keyOf(claim)) }),
    ],
    *reconcile(key, context) {
      const set = context.informers.get('statefulsets').get(key);
      if (!set) {
        writes.forget(key);
        return undefined;
      }
      // The arrival of what is missing comes back here.
      if (!writes.seen(key, context.informers)) return undefined;
      return yield* sync(set, { set, writes, context });
    },
  });
}

function* sync(set: Stored<StatefulSet>, options: PerformOptions): Process<ReconcileResult | undefined> {
  const { context } = options;
  const known = yield* revisionsOf(set, context);
  const pods = (yield* podsOf(set, context)).filter((pod) => ordinalOf(set, pod) !== undefined);
  const collide = (collisionCount: number): Process<unknown> =>
    writeStatus({ ...(set.status ?? { replicas: 0 }), collisionCount }, options);
  const history = yield* syncHistory(set, known, collide, context);
  if (!history) return undefined;
  const update = { name: history.current.metadata.name, template: set.spec.template };
  const current = currentRevision(set, history) ?? update;
  const now = context.owner.kernel.unixMicros;
  const { namespace } = set.metadata;
  const claims = context.informers.get('persistentvolumeclaims');
  const decision = decide({
    set,
    pods,
    current,
    update,
    now,
    claim: (name) => claims.get(`${namespace}/${name}`),
    collisionCount: set.status?.collisionCount ?? 0,
  });
  const { failure, status } = yield* act(decision, options);
  const whole = completed(set, status);
  if (!tellsNothingNew(set.status, whole)) yield* writeStatus(whole, options);
  yield* truncateHistory(set, history, new Set([current.name, update.name, ...pods.map(revisionOf)]), context);
  if (failure) throw failure.error;
  return nextAvailability(set, pods, now);
}

/** Phase by phase until something fails; a deletion for the update counts at once. */
function* act(
  { phases, burst, status }: Decision,
  options: PerformOptions,
): Process<{ readonly failure?: { readonly error: unknown }; readonly status: StatefulSetStatus }> {
  let outdated = 0;
  const doOne = function* (action: Action | undefined) {
    const attempt = action ? yield* perform(action, options) : ({ done: true } as const);
    if (attempt.done && action?.kind === 'delete' && action.why === 'outdated') outdated += 1;
    return attempt;
  };
  for (const actions of phases) {
    if (burst) {
      const { tried, done, error } = yield* slowStart(actions.length, (index) => doOne(actions[index]));
      if (done < tried) return { failure: { error }, status };
      continue;
    }
    for (const action of actions) {
      const attempt = yield* doOne(action);
      if (!attempt.done) return { failure: { error: attempt.error }, status };
    }
  }
  // A pod of neither revision was not counted; upstream goes below zero here, and the server refuses that.
  return { status: { ...status, currentReplicas: Math.max(0, (status.currentReplicas ?? 0) - outdated) } };
}

function podsOf(set: Stored<StatefulSet>, context: ControllerContext): Process<Stored<Pod>[]> {
  const pods = context.informers.get('pods');
  const controlled = pods.byIndex('controller', set.metadata.uid);
  // Only what has the set's name and a number can be a member.
  const orphans = pods.byIndex('controller', orphansOf(set.metadata.namespace)).filter((pod) => ordinalOf(set, pod) !== undefined);
  return claimPods(context, set, set.spec.selector, controlled, orphans);
}

/** The set's revisions; those that an earlier set of this kind left behind become its own. */
function* revisionsOf(set: Stored<StatefulSet>, { api, informers }: ControllerContext): Process<readonly Stored<ControllerRevision>[]> {
  const revisions = informers.get('controllerrevisions');
  const own = revisions.byIndex('controller', set.metadata.uid);
  if (set.metadata.deletionTimestamp !== undefined) return own;
  const adopted: Stored<ControllerRevision>[] = [];
  for (const { metadata } of revisions.byIndex('orphans', set.metadata.namespace ?? '')) {
    if (!matchesLabelSelector(set.spec.selector, metadata.labels)) continue;
    const { namespace = 'default', name, uid } = metadata;
    const ownerReferences = [...(metadata.ownerReferences ?? []), controllerReference(set)];
    adopted.push(yield* api.controllerrevisions.patch({ namespace, name, patch: { metadata: { uid, ownerReferences } } }));
  }
  return adopted.length === 0 ? own : [...own, ...adopted];
}

/** The revision that the set is on its way from; undefined at the start and once it has arrived. */
function currentRevision(set: StatefulSet, { current, old }: History): Revision | undefined {
  const name = set.status?.currentRevision ?? '';
  if (name === current.metadata.name) return undefined;
  const found = old.find(({ metadata }) => metadata.name === name);
  return found && { name, template: templateOf(found) };
}

/** What a revision would bring back. Source: ApplyRevision. */
function templateOf({ data }: ControllerRevision): PodTemplateSpec {
  const { spec } = data as unknown as { readonly spec: { readonly template: PodTemplateSpec & { readonly $patch?: string } } };
  const { $patch: _directive, ...template } = spec.template;
  return template;
}

/** Deletes the oldest revisions that nothing has, beyond the limit. */
function* truncateHistory(set: StatefulSet, { old }: History, live: ReadonlySet<string>, { api }: ControllerContext): Process {
  const dead = old.filter(({ metadata }) => !live.has(metadata.name));
  for (const { metadata } of dead.slice(0, Math.max(0, dead.length - (set.spec.revisionHistoryLimit ?? 10)))) {
    try {
      yield* api.controllerrevisions.delete({ namespace: metadata.namespace ?? 'default', name: metadata.name });
    } catch (error) {
      if (codeOf(error) !== 'NotFound') throw error;
    }
  }
}

function* writeStatus(status: StatefulSetStatus, { set, writes, context }: PerformOptions): Process {
  try {
    const { metadata } = yield* context.api.statefulsets.updateStatus({ ...set, status });
    writes.wrote(keyOf(set), 'statefulsets', keyOf(set), metadata.resourceVersion);
  } catch (error) {
    if (codeOf(error) !== 'NotFound') throw error;
  }
}

/** When the next ready pod becomes available, where minReadySeconds makes it wait. */
function nextAvailability(set: StatefulSet, pods: readonly Pod[], now: number): ReconcileResult | undefined {
  const wait = seconds(set.spec.minReadySeconds ?? 0);
  if (wait === 0) return undefined;
  let next: Micros | undefined;
  for (const pod of pods) {
    const ready = isPodReady(pod) ? pod.status?.conditions?.find(({ type }) => type === 'Ready') : undefined;
    const left = ready ? (parseTime(ready.lastTransitionTime ?? '') ?? now) + wait - now : 0;
    if (left > 0) next = Math.min(next ?? left, left);
  }
  return next === undefined ? undefined : { requeueAfter: next };
}

/** The pod's own set, before and after it changed hands; for an orphan every set of its namespace that would adopt it. */
function setsOfPod(pod: Stored<Pod>, { event, old, context }: Change<Pod>): readonly string[] {
  const keys = new Set<string>();
  for (const version of [pod, old]) {
    const owner = version && controllerOf(version);
    if (owner?.kind === 'StatefulSet') keys.add(`${pod.metadata.namespace}/${owner.name}`);
  }
  if (controllerOf(pod) === undefined && event !== 'DELETED') {
    for (const set of context.informers.get('statefulsets').byIndex('namespace', pod.metadata.namespace ?? '')) {
      if (ordinalOf(set, pod) !== undefined && matchesLabelSelector(set.spec.selector, pod.metadata.labels)) keys.add(keyOf(set));
    }
  }
  return [...keys];
}
