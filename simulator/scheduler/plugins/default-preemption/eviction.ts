import { all, codeOf, type Process } from '@slipway/kernel';
import { formatTime, type PodCondition } from '@slipway/kube';
import type { PodInfo } from '../../cache/pod-info.ts';
import type { FrameworkHandle } from '../../framework/types.ts';
import type { Victims } from './victims.ts';

/**
 * Tells victims to go, beside the next scheduling cycles. The preemptor is held back meanwhile, and the last victim goes last, so that
 * its deletion finds the preemptor ready to be tried. Source: `framework/preemption/executor.go` prepareCandidateAsync.
 *
 * A victim that Permit holds is refused in memory. Unlike upstream, one that is in PreBind is deleted like any other.
 */
export class Eviction {
  readonly #handle: FrameworkHandle;
  /** Preemptors, and the victim that each waits for last. */
  readonly #running = new Map<string, string | undefined>();

  constructor(handle: FrameworkHandle) {
    this.#handle = handle;
  }

  /** Still true while the last victim is there untouched; once its deletion has begun the preemptor need not wait for our own answer. */
  isRunningFor(uid: string): boolean {
    if (!this.#running.has(uid)) return false;
    const last = this.#running.get(uid);
    if (last === undefined) return true;
    const victim = this.#handle.placedPod(last);
    return victim !== undefined && victim.pod.metadata.deletionTimestamp === undefined;
  }

  start(preemptor: PodInfo, { nodeName, pods }: Victims): void {
    const victims = pods.filter(({ pod }) => pod.metadata.deletionTimestamp === undefined);
    if (victims.length === 0) return;
    this.#running.set(preemptor.uid, undefined);
    this.#handle.spawn(`preempt for ${preemptor.key}`, this.#run(preemptor, nodeName, victims));
  }

  *#run(preemptor: PodInfo, nodeName: string, victims: readonly PodInfo[]): Process {
    const [last, ...others] = victims.toReversed();
    try {
      yield* this.#clearNominations(preemptor, nodeName);
      yield* all(others.toReversed().map((victim) => this.#evict(preemptor, nodeName, victim)));
      if (last) {
        this.#running.set(preemptor.uid, last.uid);
        yield* this.#evict(preemptor, nodeName, last);
      }
      this.#running.delete(preemptor.uid);
    } catch (failure) {
      if (codeOf(failure) === 'UNKNOWN') throw failure;
      // Nobody may leave now, and so nothing would wake the preemptor.
      this.#running.delete(preemptor.uid);
      this.#handle.activate([preemptor.pod]);
    }
  }

  /** Less important pods that wait for the same room had better look elsewhere. */
  *#clearNominations(preemptor: PodInfo, nodeName: string): Process {
    for (const { pod, priority } of this.#handle.nominatedPods(nodeName)) {
      if (priority >= preemptor.priority || (pod.status?.nominatedNodeName ?? '') === '') continue;
      const { namespace = 'default', name } = pod.metadata;
      const patch = { status: { nominatedNodeName: null } };
      yield* ignoreMissing(this.#handle.api.pods.patch({ namespace, name, subresource: 'status', patch }));
    }
  }

  *#evict(preemptor: PodInfo, nodeName: string, { pod, uid }: PodInfo): Process {
    const { api, schedulerName } = this.#handle;
    const message = `Preempted by pod ${preemptor.uid} on node ${nodeName}`;
    const waiting = this.#handle.waitingPod(uid);
    if (waiting) {
      waiting.reject('', 'preempted');
      this.#handle.report(pod, 'Normal', 'Preempted', `${message} (in kube-scheduler memory).`);
      return;
    }
    const { namespace = 'default', name } = pod.metadata;
    const condition: PodCondition = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'PreemptionByScheduler',
      message: `${schedulerName}: preempting to accommodate a higher priority pod`,
      lastTransitionTime: formatTime(this.#handle.unixMicros()),
    };
    yield* ignoreMissing(
      api.pods.patch({ namespace, name, subresource: 'status', type: 'strategic', patch: { status: { conditions: [condition] } } }),
    );
    yield* ignoreMissing(api.pods.delete({ namespace, name, preconditions: { uid } }));
    this.#handle.report(pod, 'Normal', 'Preempted', message);
  }
}

/** A pod that is gone has left already. */
function* ignoreMissing(call: Process<unknown>): Process {
  try {
    yield* call;
  } catch (failure) {
    if (codeOf(failure) !== 'NotFound' && codeOf(failure) !== 'Conflict') throw failure;
  }
}
