import { type ControllerContext, type ControllerDefinition, defineController, watch, watchOwned } from '@slipway/client';
import { codeOf, messageOf, type Micros, type Process, seconds } from '@slipway/kernel';
import {
  controllerOf,
  controllerReference,
  type Deployment,
  type DeploymentCondition,
  type DeploymentStatus,
  findCondition,
  isControlledBy,
  isEmptySelector,
  isSemanticallyEqual,
  isTerminal,
  matchesLabelSelector,
  parseTime,
  type PodTemplateSpec,
  type ReplicaSet,
  type Stored,
  workloadLabels,
} from '@slipway/kube';
import { byController } from '../pod-control.ts';
import { condition, isComplete, isProgressing, observedStatus, putCondition, withoutCondition } from './conditions.ts';
import { annotations, copiedAnnotations, desiredOf, maximumOf, newSetOf, revisionOf, templateHash } from './revisions.ts';
import { budgetOf, newSizeWhileRolling, scaleProportionally, olderFirst, type Scaling, shrinkOld, sizeOf } from './rollout.ts';

/** A revision as one reconcile sees it. */
interface Rollout {
  readonly deployment: Stored<Deployment>;
  readonly sets: readonly Stored<ReplicaSet>[];
  readonly current: Stored<ReplicaSet> | undefined;
  readonly old: readonly Stored<ReplicaSet>[];
  readonly context: ControllerContext;
  /** Progress that this reconcile made itself, to be reported with the rest. */
  readonly note?: DeploymentCondition;
}

type WithCurrent = Rollout & { readonly current: Stored<ReplicaSet> };

/** Rolls Deployments out through ReplicaSets. Source: `pkg/controller/deployment/`. */
export const deploymentController: ControllerDefinition = defineController({
  name: 'deployment-controller',
  workers: 5,
  maxRetries: 15,
  watches: [
    'deployments',
    watchOwned('replicasets', 'Deployment', {
      indexers: { owner: (set) => [controllerOf(set)?.uid ?? `orphans/${set.metadata.namespace}`] },
    }),
    // Recreate waits for the last old pod; nothing else asks for pods.
    watch('pods', {
      indexers: { controller: byController },
      keys: (pod, { event, context }) => (event === 'DELETED' ? recreateOf(pod, context) : []),
    }),
  ],
  *reconcile(key, context) {
    const deployment = context.informers.get('deployments').get(key);
    if (!deployment) return undefined;
    if (isEmptySelector(deployment.spec.selector)) {
      context.events.warning(deployment, 'SelectingAll', 'This deployment is selecting all pods. A non-empty selector is required.');
      return undefined;
    }
    const sets = yield* claimSets(deployment, context);
    const current = newSetOf(deployment, sets);
    const rollout: Rollout = { deployment, sets, current, old: sets.filter((set) => set !== current), context };
    if (deployment.metadata.deletionTimestamp !== undefined) return yield* report(rollout);
    if (deployment.spec.paused || isScalingEvent(rollout)) {
      yield* applyScaling(rollout, sizesWithoutRollout(rollout));
      if (deployment.spec.paused) yield* cleanHistory(rollout);
      return yield* report(rollout);
    }
    // Recreate makes no set while old pods are there.
    if (deployment.spec.strategy?.type === 'Recreate' && (yield* clearOld(rollout))) return yield* report(rollout);
    const ready = yield* ensureCurrent(rollout);
    if (!ready) return undefined;
    if (deployment.spec.strategy?.type === 'Recreate') yield* scale(ready, ready.current, deployment.spec.replicas ?? 1);
    else yield* roll(ready);
    if (isComplete(deployment, deployment.status ?? {})) yield* cleanHistory(ready);
    return yield* report(ready);
  },
});

function recreateOf(pod: Parameters<typeof controllerOf>[0], { informers }: ControllerContext): string[] {
  const owner = controllerOf(pod);
  if (owner?.kind !== 'ReplicaSet') return [];
  const set = informers.get('replicasets').get(`${pod.metadata.namespace}/${owner.name}`);
  const deployment = set && controllerOf(set);
  if (deployment?.kind !== 'Deployment') return [];
  const key = `${pod.metadata.namespace}/${deployment.name}`;
  return informers.get('deployments').get(key)?.spec.strategy?.type === 'Recreate' ? [key] : [];
}

/** The sets that it controls, and matching orphans, which it adopts. */
function* claimSets(deployment: Stored<Deployment>, { informers, api }: ControllerContext): Process<Stored<ReplicaSet>[]> {
  const sets = informers.get('replicasets');
  const own = sets.byIndex('owner', deployment.metadata.uid).filter((set) => isControlledBy(set, deployment));
  if (deployment.metadata.deletionTimestamp !== undefined) return own;
  const claimed = [...own];
  for (const set of sets.byIndex('owner', `orphans/${deployment.metadata.namespace}`)) {
    if (set.metadata.deletionTimestamp !== undefined || !matchesLabelSelector(deployment.spec.selector, set.metadata.labels)) continue;
    const { namespace = 'default', name } = set.metadata;
    const ownerReferences = [...(set.metadata.ownerReferences ?? []), controllerReference(deployment)];
    claimed.push(yield* api.replicasets.patch({ namespace, name, patch: { metadata: { ownerReferences } } }));
  }
  return claimed;
}

/** Somebody changed `replicas`: an active set was last scaled for another number. */
function isScalingEvent({ deployment, sets }: Rollout): boolean {
  return sets.some((set) => {
    const desired = desiredOf(set);
    return sizeOf(set) > 0 && desired !== undefined && desired !== (deployment.spec.replicas ?? 1);
  });
}

/** Sizes without a rollout: the only active (or the newest) set takes all; in the middle of one each gets its share. */
function sizesWithoutRollout({ deployment, sets, current, old }: Rollout): Scaling[] {
  const active = sets.filter((set) => sizeOf(set) > 0);
  const replicas = deployment.spec.replicas ?? 1;
  const [only, second] = active;
  const single = second ? undefined : (only ?? current ?? [...old].sort(olderFirst).at(-1));
  if (single) return sizeOf(single) === replicas ? [] : [{ set: single, to: replicas }];
  // The new set has all that is wanted: what is old goes.
  if (current && isSaturated(current, replicas)) return old.filter((set) => sizeOf(set) > 0).map((set) => ({ set, to: 0 }));
  if (deployment.spec.strategy?.type === 'Recreate') return [];
  return scaleProportionally(deployment, active, maximumOf);
}

function isSaturated(set: Stored<ReplicaSet>, replicas: number): boolean {
  return sizeOf(set) === replicas && desiredOf(set) === replicas && (set.status?.availableReplicas ?? 0) === replicas;
}

function* applyScaling(rollout: Rollout, scalings: readonly Scaling[]): Process {
  for (const { set, to } of scalings) yield* scale(rollout, set, to);
}

/** Writes a set's size with the annotations that remember what it was scaled for. */
function* scale({ deployment, context }: Rollout, set: Stored<ReplicaSet>, to: number): Process<Stored<ReplicaSet>> {
  const from = sizeOf(set);
  const wanted = scaleAnnotations(deployment);
  const same = Object.entries(wanted).every(([key, value]) => set.metadata.annotations?.[key] === value);
  if (from === to && same) return set;
  const updated = yield* context.api.replicasets.update({
    ...set,
    metadata: { ...set.metadata, annotations: { ...set.metadata.annotations, ...wanted } },
    spec: { ...set.spec, replicas: to },
  });
  if (from !== to) {
    const direction = to > from ? 'up' : 'down';
    context.events.normal(deployment, 'ScalingReplicaSet', `Scaled ${direction} replica set ${set.metadata.name} from ${from} to ${to}`);
  }
  return updated;
}

function scaleAnnotations(deployment: Deployment): Record<string, string> {
  const replicas = deployment.spec.replicas ?? 1;
  return { [annotations.desired]: String(replicas), [annotations.maximum]: String(replicas + budgetOf(deployment).surge) };
}

/** Finds or makes the set of the template, and gives it the newest revision. `undefined`: look again later. */
function* ensureCurrent(rollout: Rollout): Process<WithCurrent | undefined> {
  const { deployment, current, old, context } = rollout;
  const revision = String(Math.max(0, ...old.map(revisionOf)) + 1);
  if (!current) return yield* createSet(rollout, revision);
  const newest = String(Math.max(Number(revision), revisionOf(current)));
  const wanted = { ...copiedAnnotations(deployment), ...scaleAnnotations(deployment), [annotations.revision]: newest };
  const same = Object.entries(wanted).every(([key, value]) => current.metadata.annotations?.[key] === value);
  const sameReadiness = (current.spec.minReadySeconds ?? 0) === (deployment.spec.minReadySeconds ?? 0);
  let set = current;
  if (!same || !sameReadiness) {
    set = yield* context.api.replicasets.update({
      ...current,
      metadata: { ...current.metadata, annotations: { ...current.metadata.annotations, ...wanted } },
      spec: { ...current.spec, minReadySeconds: deployment.spec.minReadySeconds ?? 0 },
    });
  }
  const renewed = yield* noteRevision(rollout, newest);
  return { ...rollout, deployment: renewed, sets: rollout.sets.map((each) => (each === current ? set : each)), current: set };
}

function* noteRevision({ deployment, context }: Rollout, revision: string): Process<Stored<Deployment>> {
  if (deployment.metadata.annotations?.[annotations.revision] === revision) return deployment;
  const { metadata } = deployment;
  // Upstream writes it with the status: a change of annotations by a main write would count as a new generation.
  return yield* context.api.deployments.updateStatus({
    ...deployment,
    metadata: { ...metadata, annotations: { ...metadata.annotations, [annotations.revision]: revision } },
  });
}

function* createSet(rollout: Rollout, revision: string): Process<WithCurrent | undefined> {
  const { deployment, sets, context } = rollout;
  const { namespace = 'default', name } = deployment.metadata;
  const hash = templateHash(deployment.spec.template, deployment.status?.collisionCount ?? 0);
  const label = { [workloadLabels.podTemplateHash]: hash };
  const { template, selector, minReadySeconds } = deployment.spec;
  const labelled: PodTemplateSpec = { ...template, metadata: { ...template.metadata, labels: { ...template.metadata?.labels, ...label } } };
  const empty: ReplicaSet = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${name}-${hash}`,
      namespace,
      labels: labelled.metadata?.labels ?? {},
      annotations: { ...copiedAnnotations(deployment), ...scaleAnnotations(deployment), [annotations.revision]: revision },
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas: 0,
      ...(minReadySeconds === undefined ? {} : { minReadySeconds }),
      selector: { ...selector, matchLabels: { ...selector.matchLabels, ...label } },
      template: labelled,
    },
  };
  const replicas = newSizeWhileRolling(deployment, empty, sets) ?? 0;
  try {
    const made = yield* context.api.replicasets.create({ ...empty, spec: { ...empty.spec, replicas } });
    if (replicas > 0)
      context.events.normal(deployment, 'ScalingReplicaSet', `Scaled up replica set ${made.metadata.name} from 0 to ${replicas}`);
    const note = condition(
      'Progressing',
      'True',
      'NewReplicaSetCreated',
      `Created new replica set "${made.metadata.name}"`,
      context.timestamp(),
    );
    return { ...rollout, deployment: yield* noteRevision(rollout, revision), sets: [...sets, made], current: made, note };
  } catch (error) {
    if (codeOf(error) === 'AlreadyExists') return yield* collide(rollout, empty.metadata.name);
    const message = `Failed to create new replica set "${empty.metadata.name}": ${messageOf(error)}`;
    yield* writeStatus(rollout, (status) => progress(status, 'False', 'ReplicaSetCreateError', message, context));
    context.events.warning(deployment, 'ReplicaSetCreateError', message);
    throw error;
  }
}

/** A set of that name exists: our own, made by a reconcile whose answer was lost, or another template with the same hash. */
function* collide(rollout: Rollout, name: string): Process<WithCurrent | undefined> {
  const { deployment, sets, context } = rollout;
  const existing = yield* context.api.replicasets.get({ namespace: deployment.metadata.namespace ?? 'default', name });
  if (isControlledBy(existing, deployment) && newSetOf(deployment, [existing]))
    return { ...rollout, sets: [...sets, existing], current: existing };
  yield* context.api.deployments.updateStatus({
    ...deployment,
    status: { ...deployment.status, collisionCount: (deployment.status?.collisionCount ?? 0) + 1 },
  });
  // The status write wakes this Deployment again.
  return undefined;
}

/** One direction at a time: the new set up, or else old ones down. */
function* roll(rollout: WithCurrent): Process {
  const { deployment, current, sets, old } = rollout;
  const size = newSizeWhileRolling(deployment, current, sets);
  if (size !== undefined) {
    yield* scale(rollout, current, size);
    return;
  }
  yield* applyScaling(rollout, shrinkOld(deployment, current, old));
}

/** Empties the old sets of a Recreate. True while one of their pods is left. */
function* clearOld(rollout: Rollout): Process<boolean> {
  const { old, context } = rollout;
  const active = old.filter((set) => sizeOf(set) > 0);
  yield* applyScaling(
    rollout,
    active.map((set) => ({ set, to: 0 })),
  );
  const pods = context.informers.get('pods');
  return (
    active.length > 0 ||
    old.some(
      ({ status, metadata }) => (status?.replicas ?? 0) > 0 || pods.byIndex('controller', metadata.uid).some((pod) => !isTerminal(pod)),
    )
  );
}

/** Deletes the lowest revisions beyond the limit, as far as they are empty and settled. */
function* cleanHistory({ deployment, old, context }: Rollout): Process {
  const alive = old.filter((set) => set.metadata.deletionTimestamp === undefined).sort((a, b) => revisionOf(a) - revisionOf(b));
  const surplus = Math.max(0, alive.length - (deployment.spec.revisionHistoryLimit ?? 10));
  for (const { metadata, spec, status } of alive.slice(0, surplus)) {
    const settled = (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0);
    if (spec.replicas !== 0 || (status?.replicas ?? 0) > 0 || !settled) continue;
    try {
      yield* context.api.replicasets.delete({ namespace: metadata.namespace ?? 'default', name: metadata.name });
    } catch (error) {
      if (codeOf(error) !== 'NotFound') throw error;
    }
  }
}

/** Writes the status that the sets amount to; returns when the progress deadline wants another look. */
function* report(rollout: Rollout): Process<{ requeueAfter: Micros } | undefined> {
  const { deployment, context } = rollout;
  const { progressDeadlineSeconds: deadline } = deployment.spec;
  const status = yield* writeStatus(rollout, (observed) => withProgress(rollout, observed));
  const progressing = findCondition(status.conditions, 'Progressing');
  if (deadline === undefined || deployment.spec.paused || !progressing || isComplete(deployment, status)) return undefined;
  if (progressing.reason === 'NewReplicaSetAvailable' || progressing.reason === 'ProgressDeadlineExceeded') return undefined;
  const due = (parseTime(progressing.lastUpdateTime ?? '') ?? 0) + seconds(deadline + 1);
  return { requeueAfter: Math.max(seconds(1), due - context.owner.kernel.unixMicros) };
}

function withProgress({ deployment, sets, current, context, note }: Rollout, observed: DeploymentStatus): DeploymentStatus {
  let status = withFailure(sets, current, observed);
  if (note) status = { ...status, conditions: putCondition(status.conditions, note) };
  const { progressDeadlineSeconds: deadline, paused } = deployment.spec;
  if (deadline === undefined || deadline >= 2_147_483_647)
    return { ...status, conditions: withoutCondition(status.conditions, 'Progressing') };
  const before = findCondition(status.conditions, 'Progressing');
  if (paused) {
    // What was said of a lack of progress is not taken back by a pause.
    return before?.reason === 'ProgressDeadlineExceeded'
      ? status
      : progress(status, 'Unknown', 'DeploymentPaused', 'Deployment is paused', context);
  }
  if (before?.reason === 'DeploymentPaused') status = progress(status, 'Unknown', 'DeploymentResumed', 'Deployment is resumed', context);
  const title = current ? `ReplicaSet "${current.metadata.name}"` : `Deployment "${deployment.metadata.name}"`;
  // A rollout that has ended stays so, whatever becomes of its pods: no deadline applies until the next one.
  if (before?.reason === 'NewReplicaSetAvailable' && status.replicas === status.updatedReplicas) return status;
  if (isComplete(deployment, status))
    return progress(status, 'True', 'NewReplicaSetAvailable', `${title} has successfully progressed.`, context);
  if (isProgressing(deployment.status, status)) {
    const next = condition('Progressing', 'True', 'ReplicaSetUpdated', `${title} is progressing.`, context.timestamp());
    // Its time of update is the clock of the deadline: it moves with every step.
    const kept =
      before?.status === 'True' && before.lastTransitionTime !== undefined
        ? { ...next, lastTransitionTime: before.lastTransitionTime }
        : next;
    return { ...status, conditions: [...withoutCondition(status.conditions, 'Progressing'), kept] };
  }
  if (isTimedOut(findCondition(status.conditions, 'Progressing'), seconds(deadline), context.owner.kernel.unixMicros))
    return progress(status, 'False', 'ProgressDeadlineExceeded', `${title} has timed out progressing.`, context);
  if (!before && current)
    return progress(status, 'True', 'FoundNewReplicaSet', `Found new replica set "${current.metadata.name}"`, context);
  return status;
}

/** Whether the last progress was so long ago. */
function isTimedOut(progressing: DeploymentCondition | undefined, deadline: Micros, now: number): boolean {
  if (!progressing || progressing.reason === 'NewReplicaSetAvailable') return false;
  if (progressing.reason === 'ProgressDeadlineExceeded') return true;
  const since = parseTime(progressing.lastUpdateTime ?? '');
  return since !== undefined && now > since + deadline;
}

/** A set that cannot make its pods says so on its Deployment. */
function withFailure(
  sets: readonly Stored<ReplicaSet>[],
  current: Stored<ReplicaSet> | undefined,
  status: DeploymentStatus,
): DeploymentStatus {
  const failing = [...(current ? [current] : []), ...sets].find(
    (set) => findCondition(set.status?.conditions, 'ReplicaFailure')?.status === 'True',
  );
  const failure = findCondition(failing?.status?.conditions, 'ReplicaFailure');
  if (!failure) return { ...status, conditions: withoutCondition(status.conditions, 'ReplicaFailure') };
  const { reason = '', message = '', lastTransitionTime = '' } = failure;
  return {
    ...status,
    conditions: putCondition(status.conditions, condition('ReplicaFailure', 'True', reason, message, lastTransitionTime)),
  };
}

function progress(
  status: DeploymentStatus,
  value: 'True' | 'False' | 'Unknown',
  reason: string,
  message: string,
  { timestamp }: ControllerContext,
): DeploymentStatus {
  return { ...status, conditions: putCondition(status.conditions, condition('Progressing', value, reason, message, timestamp())) };
}

function* writeStatus(
  { deployment, sets, current, context }: Rollout,
  complete: (status: DeploymentStatus) => DeploymentStatus,
): Process<DeploymentStatus> {
  const status = complete(observedStatus(deployment, sets, current, context.timestamp()));
  if (isSemanticallyEqual(deployment.status ?? {}, status)) return status;
  yield* context.api.deployments.updateStatus({ ...deployment, status });
  return status;
}
