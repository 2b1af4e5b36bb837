import type { Micros } from '@slipway/kernel';
import type { Container, Pod } from '@slipway/kube';
import { goDuration } from '../go-duration.ts';
import type { BackOff } from './back-off.ts';
import { formatPod } from './containers.ts';
import type { ObservedPod } from './observed-pod.ts';

/** A container that has to wait before it is started again. */
export interface RestartPause {
  /** For the waiting state. */
  readonly message: string;
  /** Of the event `BackOff`. */
  readonly event: string;
  /** Unix time in microseconds. */
  readonly endsAt: number;
}

/** A changed image or other resources start the sequence anew. Source: `kuberuntime/helpers.go` GetBackoffKey. */
export function backOffKey(pod: Pod, container: Container): string {
  const { name, namespace, uid } = pod.metadata;
  return [name, namespace, uid, container.name, container.image, JSON.stringify(container.resources ?? {})].join('/');
}

/**
 * Asks whether a container may be started now, and counts the start if so. The pause counts from the end of its newest exited
 * instance: the first restart is immediate, later ones wait 10 s, 20 s and so on.
 *
 * @param now Unix time in microseconds, as are the times in `backOff`. Source: `kuberuntime_manager.go` doBackOff
 */
export function restartPause(
  pod: Pod,
  container: Container,
  observed: ObservedPod,
  backOff: BackOff,
  now: Micros,
): RestartPause | undefined {
  const last = observed.containers.find(({ name, state }) => name === container.name && state === 'exited');
  if (!last) return undefined;
  const key = backOffKey(pod, container);
  if (!backOff.isWaitingSince(key, last.finishedAt, now)) {
    backOff.advance(key, last.finishedAt, now);
    return undefined;
  }
  const delay = backOff.delay(key);
  return {
    message: `back-off ${goDuration(delay)} restarting failed container=${container.name} pod=${formatPod(pod)}`,
    event: `Back-off restarting failed container ${container.name} in pod ${formatPod(pod)}`,
    endsAt: last.finishedAt + delay,
  };
}
