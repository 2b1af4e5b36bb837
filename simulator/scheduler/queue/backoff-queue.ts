import type { Micros } from '@slipway/kernel';
import { alignToWindow, backoffExpiration, ORDERING_WINDOW } from './backoff.ts';
import { KeyedHeap } from './keyed-heap.ts';
import type { QueuedPodInfo } from './queued-pod.ts';

/** Pods that wait for their back-off to end: by expiry, then as the active queue sorts. `backend/queue/backoff_queue.go`. */
export class BackoffQueue {
  readonly #offset: number;
  readonly #refused: KeyedHeap<QueuedPodInfo>;
  /** Apart, because these are never taken early. */
  readonly #errored: KeyedHeap<QueuedPodInfo>;

  constructor(offset: number, isBefore: (a: QueuedPodInfo, b: QueuedPodInfo) => boolean) {
    this.#offset = offset;
    const byExpiry = (a: QueuedPodInfo, b: QueuedPodInfo): boolean => {
      const [first, second] = [this.#expiry(a), this.#expiry(b)];
      return first === second ? isBefore(a, b) : first < second;
    };
    this.#refused = new KeyedHeap((pod) => pod.uid, byExpiry);
    this.#errored = new KeyedHeap((pod) => pod.uid, byExpiry);
  }

  get size(): number {
    return this.#refused.size + this.#errored.size;
  }

  isBackingOff(pod: QueuedPodInfo, now: Micros): boolean {
    return this.#expiry(pod) >= alignToWindow(now, this.#offset);
  }

  add(pod: QueuedPodInfo): void {
    if (pod.rejectors.size === 0) this.#errored.set(pod);
    else this.#refused.set(pod);
  }

  get(uid: string): QueuedPodInfo | undefined {
    return this.#refused.get(uid) ?? this.#errored.get(uid);
  }

  delete(uid: string): QueuedPodInfo | undefined {
    return this.#refused.delete(uid) ?? this.#errored.delete(uid);
  }

  pods(): readonly QueuedPodInfo[] {
    return [...this.#refused.items(), ...this.#errored.items()];
  }

  /** The next pod although its time has not come: an idle scheduler need not wait. Never one that met an error. */
  popEarly(): QueuedPodInfo | undefined {
    return this.#refused.pop();
  }

  /** All whose time has come. */
  popCompleted(now: Micros): readonly QueuedPodInfo[] {
    const completed: QueuedPodInfo[] = [];
    for (const heap of [this.#refused, this.#errored]) {
      for (let next = heap.peek(); next !== undefined && !this.isBackingOff(next, now); next = heap.peek()) {
        heap.pop();
        completed.push(next);
      }
    }
    return completed;
  }

  /** The next whole second of Unix time, at which the queue is flushed; undefined while it is empty. */
  nextFlush(now: Micros): Micros | undefined {
    return this.size === 0 ? undefined : alignToWindow(now, this.#offset) + ORDERING_WINDOW;
  }

  #expiry(pod: QueuedPodInfo): Micros {
    return backoffExpiration(pod, this.#offset) ?? Number.NEGATIVE_INFINITY;
  }
}
