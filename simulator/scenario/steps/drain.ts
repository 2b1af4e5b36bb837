import { all, formatDuration, type Micros, parseDuration, type Process, seconds, sleep } from '@slipway/kernel';
import { isApiError, type Pod, type Stored } from '@slipway/kube';
import type { ScenarioCluster } from '../cluster.ts';
import { resolveNodes } from '../references.ts';
import type { NodeRef, StepDocument } from '../schema.ts';
import { setUnschedulable } from './cordon.ts';
import { podsToEvict } from './drain-filters.ts';
import { nodesSubject } from './machines.ts';
import { secondsOf } from './objects.ts';
import { StepError } from './step-error.ts';
import { type StepKind, valueOf } from './step-kind.ts';

type DrainDocument = NonNullable<StepDocument['drain']>;
type DrainForm = Extract<DrainDocument, { node: unknown }>;

/** Between two tries of an eviction that a disruption budget refused. Source: `pkg/cmd/drain/drain.go`, EvictErrorRetryDelay. */
const RETRY: Micros = seconds(5);
/** Between two looks whether a pod is gone. Source: `pkg/drain/drain.go`, evictPods. */
const POLL: Micros = seconds(1);

function formOf(document: DrainDocument): DrainForm {
  return typeof document === 'object' && 'node' in document ? document : { node: document as NodeRef };
}

/** Until when a drain tries, and what it says then. */
interface Limit {
  readonly end: Micros;
  readonly text: string;
}

/**
 * `kubectl drain --ignore-daemonsets --delete-emptydir-data`: all nodes are cordoned first, then drained one by one. Source:
 * `staging/src/k8s.io/kubectl/pkg/cmd/drain/drain.go` RunDrain, `pkg/drain/drain.go` evictPods.
 */
export const drainStep: StepKind<DrainDocument> = {
  subject: (document, context) => nodesSubject(formOf(document).node, context),
  *perform(document, { cluster, variables }) {
    const { node, timeout, gracePeriod, force = false } = formOf(document);
    const names = resolveNodes(node, cluster, variables);
    for (const name of names) yield* setUnschedulable(cluster, name, true);
    const failures: string[] = [];
    for (const name of names) {
      const { pods, errors } = yield* podsToEvict(cluster, name, force);
      if (errors.length > 0) {
        const isForced = errors.every((error) => error.includes('--force'));
        throw new StepError(
          `unable to drain node "${name}": ${errors.join('; ')}`,
          isForced ? 'write "force: true" to delete them all the same' : undefined,
        );
      }
      const end =
        timeout === undefined || parseDuration(timeout) === 0 ? Number.POSITIVE_INFINITY : cluster.kernel.now + parseDuration(timeout);
      const limit = { end, text: timeout === undefined ? '' : formatDuration(parseDuration(timeout)) };
      const grace = gracePeriod === undefined ? {} : { gracePeriodSeconds: secondsOf(gracePeriod) };
      const outcomes = yield* all(pods.map((pod) => evict(cluster, pod, grace, limit)));
      const failed = outcomes.filter((outcome) => outcome !== undefined);
      if (failed.length > 0) failures.push(`unable to drain node "${name}": ${failed.join('; ')}`);
    }
    if (failures.length > 0) throw new StepError(failures.join('\n'));
    return valueOf(names);
  },
};

/** Evicts one pod and waits until it is gone. Answers what went wrong, in kubectl's words; nothing when it is gone. */
function* evict(
  cluster: ScenarioCluster,
  first: Stored<Pod>,
  grace: { gracePeriodSeconds?: number },
  limit: Limit,
): Process<string | undefined> {
  const { api, kernel } = cluster;
  const { name } = first.metadata;
  const namespace = first.metadata.namespace ?? 'default';
  let pod = first;
  let refusal = '';
  for (;;) {
    const failed = `error when evicting pods/"${name}" -n "${namespace}"`;
    if (kernel.now >= limit.end) return `${failed}: global timeout reached: ${limit.text}${refusal}`;
    try {
      yield* api.pods.evict({ namespace, name, ...grace });
      break;
    } catch (error) {
      if (!isApiError(error)) throw error;
      if (error.code === 'NotFound') return undefined;
      const isTerminating =
        error.code === 'Forbidden' && (error.details.causes ?? []).some(({ reason }) => reason === 'NamespaceTerminating');
      // The namespace is going: a pod that is marked goes with it, and one that is not will be.
      if (isTerminating && pod.metadata.deletionTimestamp !== undefined) break;
      if (error.code !== 'TooManyRequests' && !isTerminating) return `${failed}: ${error.message}`;
      refusal = ` (${[error.message, ...(error.details.causes ?? []).map(({ message }) => message)].join(' ')})`;
      yield* sleep(RETRY);
    }
    pod = (yield* read(cluster, namespace, name)) ?? pod;
  }
  const isGone = yield* gone(cluster, pod, limit.end);
  if (isGone) return undefined;
  return `error when waiting for pod "${name}" in namespace "${namespace}" to terminate: global timeout reached: ${limit.text}`;
}

/** Waits until the pod, and not another of its name, is gone. False when the time is up. */
function* gone(cluster: ScenarioCluster, { metadata }: Stored<Pod>, end: Micros): Process<boolean> {
  for (;;) {
    const pod = yield* read(cluster, metadata.namespace ?? 'default', metadata.name);
    if (pod?.metadata.uid !== metadata.uid) return true;
    const left = end - cluster.kernel.now;
    if (left <= 0) return false;
    yield* sleep(Math.min(POLL, left));
  }
}

function* read({ api }: ScenarioCluster, namespace: string, name: string): Process<Stored<Pod> | undefined> {
  try {
    return yield* api.pods.get({ namespace, name });
  } catch (error) {
    if (isApiError(error, 'NotFound')) return undefined;
    throw error;
  }
}
