import type { ClusterEvent } from '../framework/cluster-event.ts';

/** An event with the object that it is about. */
export interface ObservedEvent {
  readonly event: ClusterEvent;
  readonly before: unknown;
  readonly after: unknown;
}

/**
 * What happened while pods were being scheduled: a pod that comes back refused is asked against all events since it was taken, so that
 * none is lost. Source: `backend/queue/active_queue.go` inFlightPods, inFlightEvents.
 */
export class InFlightEvents {
  /** Pods being scheduled, oldest first, with the number of events that had been seen when each was taken. */
  readonly #pods = new Map<string, number>();
  #events: ObservedEvent[] = [];
  /** Events that have been dropped from the front. */
  #dropped = 0;

  has(uid: string): boolean {
    return this.#pods.has(uid);
  }

  get any(): boolean {
    return this.#pods.size > 0;
  }

  /** A pod has been taken out of the queue. */
  start(uid: string): void {
    this.#pods.set(uid, this.#dropped + this.#events.length);
  }

  /** Kept only while it may matter to a pod. */
  add(event: ObservedEvent): void {
    if (this.any) this.#events.push(event);
  }

  since(uid: string): readonly ObservedEvent[] {
    const start = this.#pods.get(uid);
    return start === undefined ? [] : this.#events.slice(start - this.#dropped);
  }

  /** The pod is bound or back; events that only it could ask for are dropped. */
  done(uid: string): void {
    if (!this.#pods.delete(uid)) return;
    const oldest = this.#pods.values().next();
    const keepFrom = oldest.done === true ? this.#dropped + this.#events.length : oldest.value;
    if (keepFrom === this.#dropped) return;
    this.#events = this.#events.slice(keepFrom - this.#dropped);
    this.#dropped = keepFrom;
  }
}
