import { type Micros, type Owner, type Process, sleepUntil } from '@slipway/kernel';
import { syncLoopPeriod } from '../options.ts';

/**
 * Pods that are to be synced at a later time, looked at each second as the sync loop's ticker does. Only seconds at which a pod is due
 * exist at all.
 *
 * Source: `pkg/kubelet/util/queue/work_queue.go`, `pkg/kubelet/kubelet.go` syncLoop.
 */
export class SyncQueue {
  readonly #owner: Owner;
  readonly #onDue: (uids: readonly string[]) => void;
  readonly #phase: Micros;
  /** When each pod is due, rounded up to a tick. */
  readonly #due = new Map<string, Micros>();
  readonly #ticks = new Set<Micros>();

  constructor(owner: Owner, onDue: (uids: readonly string[]) => void) {
    this.#owner = owner;
    this.#onDue = onDue;
    this.#phase = owner.kernel.now % syncLoopPeriod;
  }

  /** Syncs the pod on the first tick after the delay; what was planned for it before no longer counts. */
  enqueue(uid: string, delay: Micros): void {
    const tick = this.#tickAt(this.#owner.kernel.now + delay);
    this.#due.set(uid, tick);
    if (this.#ticks.has(tick)) return;
    this.#ticks.add(tick);
    this.#owner.spawn('pods that are due', this.#wait(tick));
  }

  forget(uid: string): void {
    this.#due.delete(uid);
  }

  #tickAt(time: Micros): Micros {
    return Math.ceil((time - this.#phase) / syncLoopPeriod) * syncLoopPeriod + this.#phase;
  }

  *#wait(tick: Micros): Process {
    yield* sleepUntil(tick);
    this.#ticks.delete(tick);
    const due: string[] = [];
    for (const [uid, at] of this.#due) if (at <= tick) due.push(uid);
    for (const uid of due) this.#due.delete(uid);
    if (due.length > 0) this.#onDue(due);
  }
}
