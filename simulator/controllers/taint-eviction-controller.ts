import { type ControllerContext, type ControllerDefinition, defineController, watch } from '@slipway/client';
import { codeOf, type Micros, milliseconds, type Process, seconds, sleep } from '@slipway/kernel';
import { type Node, type Pod, parseTime, setCondition, type Stored, type Taint, toleratesTaint } from '@slipway/kube';

const TRIES = 5;
const RETRY: Micros = milliseconds(10);

/** When a pod must leave: `never`, or in so many seconds from when it met the taints. */
export type Verdict = 'never' | { readonly seconds: number };

/**
 * How long the pod may stay. A taint that it does not tolerate drives it out now; among tolerations with a limit the shortest counts.
 * Source: `pkg/controller/tainteviction/taint_eviction.go`, GetMinTolerationTime.
 */
export function evictionVerdict(pod: Pick<Pod, 'spec'>, taints: readonly Taint[]): Verdict {
  const limits: number[] = [];
  for (const taint of taints) {
    // The first that covers the taint counts, even if a later one is more patient.
    const tolerating = pod.spec.tolerations?.find((toleration) => toleratesTaint(toleration, taint));
    if (!tolerating) return { seconds: 0 };
    if (tolerating.tolerationSeconds !== undefined) limits.push(Math.max(0, tolerating.tolerationSeconds));
  }
  return limits.length === 0 ? 'never' : { seconds: Math.min(...limits) };
}

/** Deletes pods that a NoExecute taint drives out, when their time is up. Source: `pkg/controller/tainteviction`. */
export function taintEvictionController(): ControllerDefinition {
  /** By pod key: when the clock of its eviction started, and for which pod. */
  const started = new Map<string, { readonly uid: string; readonly at: Micros }>();

  return defineController({
    name: 'taint-eviction-controller',
    workers: 8,
    watches: [
      watch('pods', { indexers: { node: (pod) => [pod.spec.nodeName ?? ''] } }),
      watch('nodes', { keys: (node, change) => (evictionChanged(node, change.old) ? podsOn(node, change.context) : []) }),
    ],
    *reconcile(key, context) {
      const pod = context.informers.get('pods').get(key);
      const node = pod?.spec.nodeName ? context.informers.get('nodes').get(pod.spec.nodeName) : undefined;
      const taints = (node?.spec?.taints ?? []).filter(({ effect }) => effect === 'NoExecute');
      const verdict = pod ? evictionVerdict(pod, taints) : 'never';
      if (!pod || taints.length === 0 || verdict === 'never' || pod.metadata.deletionTimestamp !== undefined) {
        if (started.delete(key) && pod && pod.metadata.deletionTimestamp === undefined) {
          context.events.normal(pod, 'TaintManagerEviction', `Cancelling deletion of Pod ${key}`);
        }
        return undefined;
      }
      const known = started.get(key);
      const since = known?.uid === pod.metadata.uid ? known.at : taintedSince(taints, context);
      const left = since + seconds(verdict.seconds) - context.now();
      if (verdict.seconds > 0 && left > 0) {
        started.set(key, { uid: pod.metadata.uid, at: since });
        return { requeueAfter: left };
      }
      started.delete(key);
      context.events.normal(pod, 'TaintManagerEviction', `Marking for deletion Pod ${key}`);
      yield* evict(pod, context);
      return undefined;
    },
  });
}

/** The clock starts when the taints are met; a controller that comes up later goes by what the taint says. */
function taintedSince(taints: readonly Taint[], { owner, now }: ControllerContext): Micros {
  const { kernel } = owner;
  const times = taints
    .map(({ timeAdded }) => (timeAdded === undefined ? undefined : parseTime(timeAdded)))
    .filter((time) => time !== undefined);
  const newest = times.length === 0 ? undefined : Math.max(...times) - kernel.epoch;
  // Object times are cut to whole seconds, and a toleration is not shortened by that.
  return newest === undefined || now() - newest < seconds(1) ? now() : newest;
}

function evictionChanged(node: Stored<Node>, old: Stored<Node> | undefined): boolean {
  const taintsOf = (version: Stored<Node> | undefined): string =>
    (version?.spec?.taints ?? [])
      .filter(({ effect }) => effect === 'NoExecute')
      .map(({ key, value = '' }) => `${key}=${value}`)
      .join();
  return taintsOf(node) !== taintsOf(old);
}

function podsOn(node: Stored<Node>, { informers }: ControllerContext): string[] {
  return informers
    .get('pods')
    .byIndex('node', node.metadata.name)
    .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
}

function* evict(pod: Stored<Pod>, { api, timestamp }: ControllerContext): Process {
  const { namespace = 'default', name, uid } = pod.metadata;
  for (let left = TRIES; left > 0; left--) {
    try {
      const newest = yield* api.pods.get({ namespace, name });
      if (newest.metadata.uid !== uid) return;
      const conditions = setCondition(newest.status?.conditions, {
        type: 'DisruptionTarget',
        status: 'True',
        reason: 'DeletionByTaintManager',
        message: 'Taint manager: deleting due to NoExecute taint',
        lastTransitionTime: timestamp(),
      });
      yield* api.pods.updateStatus({ ...newest, status: { ...newest.status, conditions } });
      yield* api.pods.delete({ namespace, name, preconditions: { uid } });
      return;
    } catch (error) {
      if (codeOf(error) === 'NotFound') return;
      if (left === 1) throw error;
      yield* sleep(RETRY);
    }
  }
}
