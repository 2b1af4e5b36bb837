import { type Micros, minutes } from '@slipway/kernel';
import { isPodReady, parseTime, type Pod, type PodDisruptionBudgetSpec, type PodDisruptionBudgetStatus, scaledValue } from '@slipway/kube';

/** A pod that was to go and is still there after so long has been spared. Source: `disruption.go`, DeletionTimeout. */
export const DELETION_TIMEOUT: Micros = minutes(2);

type Disrupted = NonNullable<PodDisruptionBudgetStatus['disruptedPods']>;

/** How many pods there should be, and how many of them healthy. */
export interface Expected {
  readonly expectedPods: number;
  readonly desiredHealthy: number;
}

/**
 * What a budget asks for. Source: `pkg/controller/disruption/disruption.go`, getExpectedPodCount.
 *
 * @param matching how many pods the selector finds. @param scale replicas of their owners, asked only where a budget is told by them
 * @throws IntOrStringError InvalidPercent
 */
export function expectedOf({ minAvailable, maxUnavailable }: PodDisruptionBudgetSpec, matching: number, scale: () => number): Expected {
  if (maxUnavailable !== undefined) {
    const expectedPods = scale();
    return { expectedPods, desiredHealthy: Math.max(0, expectedPods - scaledValue(maxUnavailable, expectedPods, 'up')) };
  }
  if (typeof minAvailable === 'string') {
    const expectedPods = scale();
    return { expectedPods, desiredHealthy: scaledValue(minAvailable, expectedPods, 'up') };
  }
  return { expectedPods: matching, desiredHealthy: minAvailable ?? 0 };
}

/**
 * Evicted pods that have not gone yet: they count as gone already. One that was to go and did not is forgotten after a while.
 *
 * @param now Unix microseconds
 */
export function stillDisrupted(before: Disrupted, pods: readonly Pod[], now: number): Disrupted {
  const waiting = pods.filter(({ metadata: { name, deletionTimestamp } }) => {
    const since = before[name];
    return deletionTimestamp === undefined && since !== undefined && (parseTime(since) ?? 0) + DELETION_TIMEOUT >= now;
  });
  return Object.fromEntries(waiting.map(({ metadata: { name } }) => [name, before[name] ?? '']));
}

/** Pods that are ready and on nobody's way out. */
export function healthyOf(pods: readonly Pod[], disrupted: Disrupted): number {
  return pods.filter((pod) => isPodReady(pod) && pod.metadata.deletionTimestamp === undefined && disrupted[pod.metadata.name] === undefined)
    .length;
}

/** How many more pods may go now. */
export function allowedOf({ expectedPods, desiredHealthy }: Expected, currentHealthy: number): number {
  return expectedPods <= 0 ? 0 : Math.max(0, currentHealthy - desiredHealthy);
}
