import { type Change, type ControllerContext, type ControllerDefinition, defineController, watch } from '@slipway/client';
import { Cell, codeOf, every, type Micros, type Process, seconds, spawn } from '@slipway/kernel';
import { findCondition, isTerminal, keyOf, type Node, type Pod, parseTime, setCondition, type Stored, taintKeys } from '@slipway/kube';
import { attempt } from './periodic-pass.ts';

const PERIOD: Micros = seconds(20);
/** A node must have been missing for so long before its pods go. */
const QUARANTINE: Micros = seconds(40);
/** Terminated pods that may stay. */
const THRESHOLD = 12_500;

export interface PodGcOptions {
  /** Terminated pods that may stay. Left out: 12 500, as `--terminated-pod-gc-threshold`. */
  readonly threshold?: number;
}

/**
 * Removes pods that nobody else would: too many ended ones, those of nodes that are gone or out of service. Source: `pkg/controller/podgc`.
 *
 * A pass looks at pods that are candidates by index, never at all pods, and is left out while there are none.
 */
export function podGcController({ threshold = THRESHOLD }: PodGcOptions = {}): ControllerDefinition {
  /** Nodes that pods are bound to and that may be missing, with the time of the pass that missed them first. */
  const suspects = new Map<string, Micros | undefined>();
  /** Set when there may be something new to see. */
  const wake = new Cell(0);

  return defineController({
    name: 'pod-garbage-collector',
    watches: [
      watch('pods', { indexers: { node: (pod) => [pod.spec.nodeName ?? ''], gc: candidacy }, keys: notePod }),
      watch('nodes', { keys: noteNode }),
    ],
    *start(context) {
      yield* spawn('pod gc', sweep(context));
    },
    *reconcile() {},
  });

  function notePod(pod: Stored<Pod>, { event, old, context }: Change<Pod>): readonly string[] {
    const { nodeName } = pod.spec;
    if (event === 'DELETED') return [];
    if (nodeName && old?.spec.nodeName !== nodeName && !context.informers.get('nodes').get(nodeName)) suspect(nodeName);
    // Ended pods are only too many, never too few: one that ends may be the one too many.
    if (candidacy(pod).join() !== (old ? candidacy(old).join() : '')) bump();
    return [];
  }

  function noteNode(node: Stored<Node>, { event }: Change<Node>): readonly string[] {
    if (event === 'DELETED') suspect(node.metadata.name);
    else if (isOutOfService(node)) bump();
    return [];
  }

  function suspect(name: string): void {
    if (!suspects.has(name)) suspects.set(name, undefined);
    bump();
  }

  function bump(): void {
    wake.set(wake.value + 1);
  }

  function* sweep(context: ControllerContext): Process<never> {
    const beat = every(PERIOD);
    for (;;) {
      // While nobody is in quarantine, a pass finds nothing that has not been noted.
      const at = yield* beat.next(suspects.size === 0 ? { unless: [wake] } : undefined);
      if (!(yield* attempt(pass(at, context), context, 'pass'))) bump();
    }
  }

  function* pass(at: Micros, context: ControllerContext): Process {
    yield* dropTerminated(context);
    yield* dropOutOfService(context);
    yield* dropOrphaned(at, context);
  }

  function* dropTerminated(context: ControllerContext): Process {
    const terminated = context.informers.get('pods').byIndex('gc', 'terminated');
    const surplus = terminated.length - threshold;
    if (surplus <= 0) return;
    const evictedFirst = (pod: Stored<Pod>): number => (pod.status?.reason === 'Evicted' ? 0 : 1);
    const age = (pod: Stored<Pod>): number => parseTime(pod.metadata.creationTimestamp) ?? 0;
    const oldest = [...terminated].sort((a, b) => evictedFirst(a) - evictedFirst(b) || age(a) - age(b) || byKey(a, b));
    for (const pod of oldest.slice(0, surplus)) yield* remove(pod, undefined, context);
  }

  /** Pods that are being deleted where no kubelet will ever say that they ended. */
  function* dropOutOfService(context: ControllerContext): Process {
    const { informers } = context;
    for (const pod of [...informers.get('pods').byIndex('gc', 'deleting')].sort(byKey)) {
      const node = pod.spec.nodeName ? informers.get('nodes').get(pod.spec.nodeName) : undefined;
      if (!pod.spec.nodeName || (node && isOutOfService(node))) yield* remove(pod, undefined, context);
    }
  }

  function* dropOrphaned(at: Micros, context: ControllerContext): Process {
    const { informers, api } = context;
    for (const name of [...suspects.keys()].sort()) {
      const pods = informers.get('pods').byIndex('node', name);
      if (informers.get('nodes').get(name) || pods.length === 0) {
        suspects.delete(name);
        continue;
      }
      const since = suspects.get(name) ?? at;
      suspects.set(name, since);
      if (at - since < QUARANTINE || (yield* exists(name, api))) continue;
      for (const pod of [...pods].sort(byKey)) yield* remove(pod, 'PodGC: node no longer exists', context);
    }
  }
}

/** Why a pod may have to be removed. */
function candidacy(pod: Stored<Pod>): readonly string[] {
  const reasons: string[] = [];
  if (isTerminal(pod)) reasons.push('terminated');
  if (pod.metadata.deletionTimestamp !== undefined) reasons.push('deleting');
  return reasons;
}

const byKey = (a: Stored<Pod>, b: Stored<Pod>): number => (keyOf(a) < keyOf(b) ? -1 : 1);

/** The cache may be behind, and a pod cannot be brought back: ask. */
function* exists(name: string, api: ControllerContext['api']): Process<boolean> {
  try {
    yield* api.nodes.get({ name });
    return true;
  } catch (error) {
    if (codeOf(error) !== 'NotFound') throw error;
    return false;
  }
}

function isOutOfService(node: Stored<Node>): boolean {
  const ready = findCondition(node.status?.conditions, 'Ready')?.status === 'True';
  return !ready && (node.spec?.taints ?? []).some(({ key }) => key === taintKeys.outOfService);
}

/**
 * Marks the pod Failed where it has not ended, says why where there is a reason, and removes it without grace.
 *
 * @throws ApiError Conflict when the cache is behind: the next pass sees the newer pod.
 */
function* remove(pod: Stored<Pod>, disruption: string | undefined, { api, timestamp }: ControllerContext): Process {
  const { namespace = 'default', name, uid } = pod.metadata;
  try {
    if (!isTerminal(pod) && pod.spec.nodeName) {
      const conditions = disruption
        ? setCondition(pod.status?.conditions, {
            type: 'DisruptionTarget',
            status: 'True',
            reason: 'DeletionByPodGC',
            message: disruption,
            lastTransitionTime: timestamp(),
          })
        : pod.status?.conditions;
      yield* api.pods.updateStatus({ ...pod, status: { ...pod.status, phase: 'Failed', ...(conditions ? { conditions } : {}) } });
    }
    yield* api.pods.delete({ namespace, name, gracePeriodSeconds: 0, preconditions: { uid } });
  } catch (error) {
    if (codeOf(error) !== 'NotFound') throw error;
  }
}
