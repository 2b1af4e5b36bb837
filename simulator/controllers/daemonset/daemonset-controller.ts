import {
  type Change,
  ControllerExpectations,
  type ControllerContext,
  type ControllerDefinition,
  defineController,
  type ReconcileResult,
  watch,
} from '@slipway/client';
import { all, codeOf, type Micros, minutes, type Process, seconds } from '@slipway/kernel';
import {
  controllerOf,
  type DaemonSet,
  type DaemonSetStatus,
  isEmptySelector,
  isEqual,
  isPodReady,
  keyOf,
  matchesLabelSelector,
  type Node,
  parseTime,
  type Pod,
  type PodTemplateSpec,
  type Stored,
  workloadLabels,
} from '@slipway/kube';
import { FailureBackOff } from '../failure-back-off.ts';
import { type Attempt, byController, claimPods, createPod, deletePod, orphansOf, podFromTemplate, slowStart } from '../pod-control.ts';
import { cleanHistory, type History, revisionHash, syncHistory } from '../revisions/controller-history.ts';
import { needsOf } from './manage.ts';
import { groupByNode, type NodePods } from './node-pods.ts';
import { boundToNode, type Verdict, verdictOf, withDaemonTolerations } from './placement.ts';
import { nextStep } from './rolling-update.ts';
import { daemonSetStatus } from './status.ts';

/** Pods that one reconcile makes or deletes at the most. */
const BURST = 250;
const FIRST_BACK_OFF: Micros = seconds(1);
const LONGEST_BACK_OFF: Micros = minutes(15);

/** One reconcile's view of a set. */
interface View {
  readonly key: string;
  readonly set: Stored<DaemonSet>;
  readonly hash: string;
  readonly pods: NodePods;
  readonly desired: ReadonlySet<string>;
  readonly context: ControllerContext;
}

/** Keeps one pod of a DaemonSet on each node that fits. Source: `pkg/controller/daemon/`. */
export function daemonSetController(): ControllerDefinition {
  let expectations: ControllerExpectations;
  let backOff: FailureBackOff;
  const verdicts = new Verdicts();

  return defineController({
    name: 'daemonset-controller',
    workers: 2,
    watches: [
      watch('daemonsets', { indexers: { namespace: ({ metadata }) => [metadata.namespace ?? ''] } }),
      watch('controllerrevisions', { indexers: { controller: (revision) => [controllerOf(revision)?.uid ?? ''] }, keys: () => [] }),
      watch('pods', { indexers: { controller: byController }, keys: setsOfPod }),
      watch('nodes', { keys: setsOfNode }),
    ],
    start({ owner }) {
      expectations = new ControllerExpectations(owner.kernel);
      backOff = new FailureBackOff(owner.kernel, FIRST_BACK_OFF, LONGEST_BACK_OFF);
    },
    *reconcile(key, context) {
      const set = context.informers.get('daemonsets').get(key);
      if (!set) {
        expectations.delete(key);
        backOff.forget(`${key}/`);
        return undefined;
      }
      if (isEmptySelector(set.spec.selector)) {
        context.events.warning(set, 'SelectingAll', 'This daemon set is selecting all pods. A non-empty selector is required.');
        return undefined;
      }
      if (set.metadata.deletionTimestamp !== undefined) return undefined;
      const revisions = context.informers.get('controllerrevisions').byIndex('controller', set.metadata.uid);
      const history = yield* syncHistory(set, revisions, (collisionCount) => noteCollision(set, collisionCount, context), context);
      if (!history) return undefined;
      const view = yield* look(key, set, revisionHash(history.current), context);
      const wait = expectations.satisfied(key) ? yield* act(view, history) : undefined;
      yield* writeStatus(view);
      return soonest(wait, nextAvailability(view));
    },
  });

  function* look(key: string, set: Stored<DaemonSet>, hash: string, context: ControllerContext): Process<View> {
    const { informers } = context;
    const controlled = informers.get('pods').byIndex('controller', set.metadata.uid);
    const orphans = informers.get('pods').byIndex('controller', orphansOf(set.metadata.namespace));
    const pods = groupByNode(yield* claimPods(context, set, set.spec.selector, controlled, orphans));
    const desired = new Set<string>();
    for (const node of informers.get('nodes').list()) if (verdicts.of(set, node).run) desired.add(node.metadata.name);
    return { key, set, hash, pods, desired, context };
  }

  /** Makes order on every node, then takes a step of the update. Returns when a back-off is over. */
  function* act(view: View, history: History): Process<Micros | undefined> {
    const { key, set, hash, pods, desired, context } = view;
    const nodes = context.informers.get('nodes');
    const now = context.owner.kernel.unixMicros;
    const create: string[] = [];
    const remove: Stored<Pod>[] = [];
    let wait: Micros | undefined;
    for (const name of [...new Set([...desired, ...pods.keys()])].sort()) {
      const node = nodes.get(name);
      const group = pods.get(name) ?? [];
      // Of a node that is gone only pods that no kubelet has taken are ours to delete; the pod collector has the rest.
      if (!node) {
        remove.push(...group.filter(({ spec, metadata }) => !spec.nodeName && metadata.deletionTimestamp === undefined));
        continue;
      }
      const needs = needsOf(set, verdicts.of(set, node), group, hash, now);
      if (needs.create) create.push(name);
      remove.push(...needs.remove);
      for (const pod of needs.succeeded) {
        const what = `${pod.metadata.namespace}/${pod.metadata.name} on node ${name}`;
        context.events.normal(set, 'SucceededDaemonPod', `Found succeeded daemon pod ${what}, will try to delete it`);
        remove.push(pod);
      }
      for (const pod of needs.failed) {
        const backOffKey = `${key}/${set.status?.observedGeneration ?? 0}/${name}`;
        const left = backOff.left(backOffKey);
        if (left > 0) {
          wait = soonestOf(wait, left);
          continue;
        }
        backOff.failed(backOffKey);
        const what = `${pod.metadata.namespace}/${pod.metadata.name} on node ${name}`;
        context.events.warning(set, 'FailedDaemonPod', `Found failed daemon pod ${what}, will try to kill it`);
        remove.push(pod);
      }
    }
    yield* apply(view, create, remove);
    // What was done here is not in this view; seeing it comes back to the update.
    if (create.length + remove.length > 0) return wait;
    if ((set.spec.updateStrategy?.type ?? 'RollingUpdate') === 'RollingUpdate') {
      const verdict = (name: string): Verdict | undefined => {
        const node = nodes.get(name);
        return node && verdicts.of(set, node);
      };
      const step = nextStep({ set, pods, hash, desired: [...desired], verdict, now });
      yield* apply(view, step.create, step.remove);
    }
    const live = new Set([...pods.values()].flat().map(({ metadata }) => metadata.labels?.[workloadLabels.controllerRevisionHash] ?? ''));
    yield* cleanHistory(set, history, (each) => live.has(each), context);
    return wait;
  }

  function* apply({ key, set, hash, context }: View, nodes: readonly string[], pods: readonly Stored<Pod>[]): Process {
    const create = nodes.slice(0, BURST);
    const remove = pods.slice(0, BURST);
    if (create.length === 0 && remove.length === 0) return;
    const template = verdicts.templateOf(set);
    const labels = { ...template.metadata?.labels, [workloadLabels.controllerRevisionHash]: hash };
    const pod = podFromTemplate(set, { ...template, metadata: { ...template.metadata, labels } });
    expectations.expectDeletionsOf(
      key,
      remove.map(({ metadata }) => metadata.uid),
    );
    expectations.raise(key, create.length, 0);
    const { done, error } = yield* slowStart(create.length, (index) =>
      createPod(context, set, { ...pod, spec: boundToNode(pod.spec, create[index] ?? '') }),
    );
    const removals: readonly Attempt[] = yield* all(remove.map((each) => deletePod(context, set, each)));
    let failure = error;
    for (const [index, removal] of removals.entries()) {
      if (removal.done) continue;
      expectations.deletionObserved(key, remove[index]?.metadata.uid);
      failure ??= removal.error;
    }
    // Those that failed or were never tried will never be seen.
    expectations.raise(key, -(create.length - done), 0);
    if (failure !== undefined) throw failure;
  }

  /** The pod's own set; for an orphan every set of its namespace that would adopt it. Sees what was expected. */
  function setsOfPod(pod: Stored<Pod>, { event, context }: Change<Pod>): readonly string[] {
    const owner = controllerOf(pod);
    if (owner === undefined) {
      if (event === 'DELETED') return [];
      const sets = context.informers.get('daemonsets').byIndex('namespace', pod.metadata.namespace ?? '');
      return sets.filter(({ spec }) => matchesLabelSelector(spec.selector, pod.metadata.labels)).map(keyOf);
    }
    if (owner.kind !== 'DaemonSet') return [];
    const key = `${pod.metadata.namespace}/${owner.name}`;
    // A pod that is being deleted no longer counts, so its deletion has been seen.
    const deleting = event === 'DELETED' || pod.metadata.deletionTimestamp !== undefined;
    if (event === 'ADDED' && !deleting) expectations?.creationObserved(key);
    if (deleting) expectations?.deletionObserved(key, pod.metadata.uid);
    return [key];
  }

  /** Sets for which the change makes a difference: most heartbeats of a node make none. */
  function setsOfNode(node: Stored<Node>, { event, old, context }: Change<Node>): readonly string[] {
    if (event === 'MODIFIED' && old && isEqual(old.spec?.taints, node.spec?.taints) && isEqual(old.metadata.labels, node.metadata.labels))
      return [];
    const affected = (set: Stored<DaemonSet>): boolean => {
      const now = verdicts.of(set, node);
      if (event !== 'MODIFIED' || !old) return now.stay;
      const before = verdicts.of(set, old);
      return now.run !== before.run || now.stay !== before.stay;
    };
    return context.informers.get('daemonsets').list().filter(affected).map(keyOf);
  }
}

/** Remembers what was found for a template and a state of a node: each set looks at all nodes whenever one of its pods changes. */
class Verdicts {
  readonly #templates = new WeakMap<PodTemplateSpec, { readonly template: PodTemplateSpec; readonly byNode: WeakMap<Node, Verdict> }>();

  /** The set's template with the tolerations of daemons. */
  templateOf(set: DaemonSet): PodTemplateSpec {
    return this.#entry(set).template;
  }

  of(set: DaemonSet, node: Node): Verdict {
    const { template, byNode } = this.#entry(set);
    let verdict = byNode.get(node);
    if (!verdict) {
      verdict = verdictOf(template, node);
      byNode.set(node, verdict);
    }
    return verdict;
  }

  #entry({ spec }: DaemonSet) {
    let entry = this.#templates.get(spec.template);
    if (!entry) {
      entry = { template: withDaemonTolerations(spec.template), byNode: new WeakMap() };
      this.#templates.set(spec.template, entry);
    }
    return entry;
  }
}

function* noteCollision(set: Stored<DaemonSet>, collisionCount: number, { api }: ControllerContext): Process {
  yield* api.daemonsets.updateStatus({ ...set, status: { ...emptyStatus, ...set.status, collisionCount } });
}

const emptyStatus: DaemonSetStatus = { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 };

function* writeStatus({ set, hash, pods, desired, context }: View): Process {
  const nodes = context.informers.get('nodes');
  const known = (name: string): boolean => nodes.get(name) !== undefined;
  const status = daemonSetStatus(set, pods, desired, known, hash, context.owner.kernel.unixMicros);
  if (isEqual(set.status, status)) return;
  try {
    yield* context.api.daemonsets.updateStatus({ ...set, status });
  } catch (error) {
    if (codeOf(error) !== 'NotFound') throw error;
  }
}

/** Time until the next ready pod becomes available, where minReadySeconds makes it wait. */
function nextAvailability({ set, pods, context }: View): Micros | undefined {
  const wait = seconds(set.spec.minReadySeconds ?? 0);
  if (wait === 0) return undefined;
  const now = context.owner.kernel.unixMicros;
  let next: Micros | undefined;
  for (const group of pods.values()) {
    for (const pod of group) {
      const ready = isPodReady(pod) ? pod.status?.conditions?.find(({ type }) => type === 'Ready') : undefined;
      const left = (parseTime(ready?.lastTransitionTime ?? '') ?? now - wait) + wait - now;
      if (left > 0) next = soonestOf(next, left);
    }
  }
  return next;
}

const soonestOf = (a: Micros | undefined, b: Micros): Micros => (a === undefined ? b : Math.min(a, b));

function soonest(a: Micros | undefined, b: Micros | undefined): ReconcileResult | undefined {
  const first = b === undefined ? a : soonestOf(a, b);
  return first === undefined ? undefined : { requeueAfter: first };
}
