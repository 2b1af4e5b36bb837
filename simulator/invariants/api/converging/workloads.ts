import {
  type ControllerRevision,
  type DaemonSet,
  type Deployment,
  isControlledBy,
  isPodActive,
  isPodReady,
  type Job,
  type KubeObject,
  matchesRequiredNodeAffinity,
  type Node,
  matchesLabelSelector,
  type Pod,
  type PodDisruptionBudget,
  type ReplicaSet,
  type StatefulSet,
  type Stored,
} from '@slipway/kube';
import { nodeOfPod } from '../daemon-node.ts';
import { progressOf } from './pods.ts';
import type { ClusterState, Lack } from './state.ts';

/** Controllers whose pods are not as many, or not as new, as they want. */
export function* lackingWorkloads(state: ClusterState, met: () => void): Generator<Lack> {
  for (const [resource, judge] of Object.entries(JUDGES)) {
    for (const object of state.all(resource)) {
      if (object.metadata.deletionTimestamp !== undefined || !state.isPast(object.metadata.creationTimestamp)) continue;
      met();
      yield* judge(object, state);
    }
  }
}

const JUDGES: Readonly<Record<string, (object: Stored<KubeObject>, state: ClusterState) => Generator<Lack>>> = {
  replicasets: (object, state) => replicaSet(object as Stored<ReplicaSet>, state),
  deployments: (object, state) => deployment(object as Stored<Deployment>, state),
  statefulsets: (object, state) => statefulSet(object as Stored<StatefulSet>, state),
  daemonsets: (object, state) => daemonSet(object as Stored<DaemonSet>, state),
  jobs: (object, state) => job(object as Stored<Job>, state),
  poddisruptionbudgets: (object, state) => budget(object as Stored<PodDisruptionBudget>, state),
};

/** Somebody has to have looked at the newest wish. */
function* observed(object: Stored<KubeObject>): Generator<Lack> {
  const generation = object.metadata.generation ?? 0;
  const seen = (object as { readonly status?: { readonly observedGeneration?: number } }).status?.observedGeneration ?? 0;
  if (seen < generation) yield { object, wants: `is at generation ${generation}, and its controller has observed ${seen}` };
}

/** A pod came or went a moment ago: its controller is at work. */
function isMoving(pods: readonly Stored<Pod>[], state: ClusterState): boolean {
  return pods.some(
    ({ metadata }) =>
      !state.isPast(metadata.creationTimestamp) || (metadata.deletionTimestamp !== undefined && !state.isPast(metadata.deletionTimestamp)),
  );
}

/** A pod became ready, or stopped to be, a moment ago. */
function hasNews(pods: readonly Stored<Pod>[], state: ClusterState): boolean {
  return pods.some(({ status: { conditions = [] } = {} }) =>
    conditions.some(({ type, lastTransitionTime }) => type === 'Ready' && !state.isPast(lastTransitionTime)),
  );
}

const pods = (count: number): string => `${count} pod${count === 1 ? '' : 's'}`;

function* replicaSet(object: Stored<ReplicaSet>, state: ClusterState): Generator<Lack> {
  yield* observed(object);
  const owned = state.podsOf(object);
  if (isMoving(owned, state)) return;
  const active = owned.filter(isPodActive);
  const wanted = object.spec.replicas ?? 1;
  // Creations may be refused, for a reason that the user gave.
  const isRefused = active.length < wanted && state.limited.has(object.metadata.namespace ?? '');
  if (active.length !== wanted && !isRefused) yield { object, wants: `has ${pods(active.length)} and wants ${wanted}` };
  const { status } = object;
  const ready = active.filter(isPodReady);
  if (status && status.replicas !== active.length)
    yield { object, wants: `says that it has ${pods(status.replicas)}, and has ${active.length}` };
  if (status && !hasNews(active, state) && (status.readyReplicas ?? 0) !== ready.length)
    yield { object, wants: `says that ${status.readyReplicas ?? 0} of its pods are ready, and ${ready.length} are` };
}

function* deployment(object: Stored<Deployment>, state: ClusterState): Generator<Lack> {
  yield* observed(object);
  if (object.spec.paused) return;
  const sets = state.all<ReplicaSet>('replicasets').filter((set) => isControlledBy(set, object));
  const all = sets.flatMap((set) => state.podsOf(set));
  // A rollout waits for pods that are not ready, and has to.
  if (isMoving(all, state) || all.some((pod) => !isPodReady(pod) || pod.metadata.deletionTimestamp !== undefined)) return;
  if ((object.spec.minReadySeconds ?? 0) > 0 || sets.some(({ metadata }) => !state.isPast(metadata.creationTimestamp))) return;
  const wanted = object.spec.replicas ?? 1;
  if (state.limited.has(object.metadata.namespace ?? '')) return;
  const asked = sets.reduce((sum, { spec }) => sum + (spec.replicas ?? 1), 0);
  if (asked !== wanted) {
    yield { object, wants: `asks its replica sets for ${pods(asked)} and wants ${wanted}` };
    return;
  }
  const old = sets.find((set) => (set.spec.replicas ?? 1) > 0 && !isOfTemplate(set, object));
  if (old) yield { object, wants: `still has pods of an old template in ReplicaSet ${old.metadata.name}` };
}

/** A set has the template of its time, and a label of its own in it. */
function isOfTemplate(set: Stored<ReplicaSet>, { spec: { template } }: Stored<Deployment>): boolean {
  const { labels = {} } = set.spec.template?.metadata ?? {};
  const { 'pod-template-hash': _hash, ...rest } = labels;
  return (
    sortedText(set.spec.template?.spec) === sortedText(template.spec) &&
    sortedText(rest) === sortedText(template.metadata?.labels ?? {}) &&
    sortedText(set.spec.template?.metadata?.annotations ?? {}) === sortedText(template.metadata?.annotations ?? {})
  );
}

/** The same text for what differs in the order of its keys alone. */
function sortedText(value: unknown): string {
  return (
    JSON.stringify(value, (_key, part: unknown) =>
      typeof part === 'object' && part !== null && !Array.isArray(part)
        ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
        : part,
    ) ?? ''
  );
}

function* statefulSet(object: Stored<StatefulSet>, state: ClusterState): Generator<Lack> {
  yield* observed(object);
  const owned = state.podsOf(object);
  if (isMoving(owned, state) || state.limited.has(object.metadata.namespace ?? '')) return;
  // One pod that cannot be replaced or is not ready holds up all that come after it.
  if (owned.some((pod) => !isPodActive(pod) || progressOf(pod, state) !== 'up')) return;
  const start = object.spec.ordinals?.start ?? 0;
  const wanted = Array.from({ length: object.spec.replicas ?? 1 }, (_, index) => `${object.metadata.name}-${start + index}`);
  const names = new Set(owned.map(({ metadata }) => metadata.name));
  const missing = wanted.filter((name) => !names.has(name));
  if (missing.length > 0) yield { object, wants: `wants ${missing.join(', ')}, which ${missing.length === 1 ? 'is' : 'are'} not there` };
  const surplus = [...names].filter((name) => !wanted.includes(name));
  if (surplus.length > 0) yield { object, wants: `wants ${pods(wanted.length)} and still has ${surplus.join(', ')}` };
  const { type = 'RollingUpdate', rollingUpdate } = object.spec.updateStrategy ?? {};
  if (type !== 'RollingUpdate' || (rollingUpdate?.partition ?? 0) > 0 || missing.length > 0) return;
  const newest = state
    .all<ControllerRevision>('controllerrevisions')
    .filter((revision) => isControlledBy(revision, object))
    .reduce<Stored<ControllerRevision> | undefined>((best, each) => (best && best.revision >= each.revision ? best : each), undefined);
  const old = newest && owned.find(({ metadata }) => metadata.labels?.['controller-revision-hash'] !== newest.metadata.name);
  if (old) yield { object, wants: `still has ${old.metadata.name} of an old revision, and the newest is ${newest.metadata.name}` };
}

function* daemonSet(object: Stored<DaemonSet>, state: ClusterState): Generator<Lack> {
  yield* observed(object);
  const owned = state.podsOf(object);
  if (isMoving(owned, state)) return;
  const counts = new Map<string, number>();
  for (const pod of owned) if (isPodActive(pod)) counts.set(nodeOfPod(pod), (counts.get(nodeOfPod(pod)) ?? 0) + 1);
  for (const node of state.all<Node>('nodes')) {
    const { name } = node.metadata;
    const count = counts.get(name) ?? 0;
    if (count > 1) yield { object, wants: `has ${pods(count)} on ${name} and wants 1` };
    const isOld = state.isPast(node.metadata.creationTimestamp);
    if (count === 0 && isOld && isPlain(node) && wantsNode(object, node) && !state.limited.has(object.metadata.namespace ?? ''))
      yield { object, wants: `has no pod on ${name} and wants one` };
  }
}

/** Taints keep daemons off in ways of their own; who tolerates which is not judged here. */
const isPlain = ({ spec, metadata }: Stored<Node>): boolean =>
  (spec?.taints ?? []).length === 0 && metadata.deletionTimestamp === undefined;

function wantsNode({ spec: { template } }: Stored<DaemonSet>, node: Stored<Node>): boolean {
  if (!template.spec || template.spec.nodeName !== undefined) return false;
  return matchesRequiredNodeAffinity({ spec: template.spec }, node);
}

function* job(object: Stored<Job>, state: ClusterState): Generator<Lack> {
  const { spec, status = {} } = object;
  const isOver = (status.conditions ?? []).some(({ type, status: is }) => is === 'True' && type !== 'Suspended');
  const owned = state.podsOf(object);
  if (spec.suspend || isOver || isMoving(owned, state) || spec.managedBy !== undefined) return;
  const succeeded = status.succeeded ?? 0;
  const done = owned.filter(({ status: { phase } = {} }) => phase === 'Succeeded').length;
  if (spec.completions !== undefined && Math.max(succeeded, done) >= spec.completions) {
    yield { object, wants: `has its ${spec.completions} completions and is not Complete`, since: status.startTime };
    return;
  }
  // After a failure it waits before it tries again, and may give up.
  if ((status.failed ?? 0) > 0 || owned.some((pod) => pod.status?.phase === 'Failed')) return;
  if (spec.completions === undefined && done > 0) return;
  const active = owned.filter(isPodActive).length;
  const wanted = Math.min(spec.parallelism ?? 1, (spec.completions ?? Number.POSITIVE_INFINITY) - Math.max(succeeded, done));
  if (active < wanted && !state.limited.has(object.metadata.namespace ?? ''))
    yield { object, wants: `has ${pods(active)} at work and wants ${wanted}`, since: status.startTime };
  if (active > wanted) yield { object, wants: `has ${pods(active)} at work and wants ${wanted}`, since: status.startTime };
}

function* budget(object: Stored<PodDisruptionBudget>, state: ClusterState): Generator<Lack> {
  yield* observed(object);
  const { spec, status } = object;
  const covered = state.podsIn(object.metadata.namespace).filter(({ metadata }) => matchesLabelSelector(spec?.selector, metadata.labels));
  if (!spec?.selector || isMoving(covered, state) || hasNews(covered, state)) return;
  const healthy = covered.filter((pod) => isPodActive(pod) && isPodReady(pod)).length;
  if (status && status.currentHealthy !== healthy)
    yield { object, wants: `counts ${pods(status.currentHealthy)} as healthy, and ${healthy} are` };
}
