import { type Container, isSidecar, type Pod } from '@slipway/kube';
import { minimumStopTimeoutSeconds } from '../options.ts';
import type { KillReason } from './compute-pod-actions.ts';

/**
 * Seconds that a container has to end. A pod's own deletion decides; else the probe that failed; else the pod's spec.
 *
 * Source: `kuberuntime_container.go` setTerminationGracePeriod.
 */
export function gracePeriodSeconds(pod: Pod, container: Container, reason: KillReason): number {
  const { deletionGracePeriodSeconds } = pod.metadata;
  if (deletionGracePeriodSeconds !== undefined) return deletionGracePeriodSeconds;
  const { terminationGracePeriodSeconds } = pod.spec;
  if (terminationGracePeriodSeconds === undefined) return minimumStopTimeoutSeconds;
  const probe = reason === 'StartupProbe' ? container.startupProbe : reason === 'LivenessProbe' ? container.livenessProbe : undefined;
  return probe?.terminationGracePeriodSeconds ?? terminationGracePeriodSeconds;
}

/** What is left of a grace period after whole seconds of it were used; never less than a container needs to react. */
export function stopTimeoutSeconds(grace: number, usedSeconds: number): number {
  return Math.max(grace - usedSeconds, minimumStopTimeoutSeconds);
}

/**
 * Which containers each running one waits for before it is stopped: sidecars wait for all regular containers and for the sidecars
 * after them, so that they go in the reverse of the order in which they came. Nobody waits in a pod without sidecars.
 *
 * @param running names of the containers that run. Source: `kuberuntime_termination_order.go`
 */
export function killOrder(pod: Pod, running: ReadonlySet<string>): ReadonlyMap<string, readonly string[]> {
  const waitsFor = new Map<string, readonly string[]>();
  const regular = pod.spec.containers.map(({ name }) => name).filter((name) => running.has(name));
  let later: string | undefined;
  for (const container of (pod.spec.initContainers ?? []).filter(isSidecar).reverse()) {
    if (running.has(container.name)) {
      const next = later !== undefined && running.has(later) ? [later] : [];
      waitsFor.set(container.name, [...regular, ...next]);
    }
    later = container.name;
  }
  return waitsFor;
}

/** Why a pod ends, as far as it says how fast. */
export interface TerminationRequest {
  /** Set by evictions and other parts of the kubelet, in seconds. */
  readonly override?: number | undefined;
}

/**
 * The grace period of a pod that ends. It may only shrink and is never below one second.
 *
 * @param current the one decided before; 0 when there is none
 * @returns seconds, and whether a shorter one than before is now in force. Source: `pod_workers.go` calculateEffectiveGracePeriod
 */
export function effectiveGracePeriod(
  pod: Pod,
  current: number,
  request: TerminationRequest,
): { readonly seconds: number; readonly shortened: boolean } {
  const wishes = [pod.metadata.deletionGracePeriodSeconds, request.override].filter((wish) => wish !== undefined);
  if (current !== 0) wishes.push(current);
  const least = wishes.length > 0 ? Math.min(...wishes) : (pod.spec.terminationGracePeriodSeconds ?? 0);
  const seconds = Math.max(1, least);
  return { seconds, shortened: current !== 0 && current !== seconds };
}
