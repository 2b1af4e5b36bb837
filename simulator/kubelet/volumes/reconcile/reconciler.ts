import { type Micros, milliseconds, type Owner, type Process } from '@slipway/kernel';
import type { ActualState } from '../state/actual-state.ts';
import type { DesiredState } from '../state/desired-state.ts';
import { nextSteps } from './next-steps.ts';
import { OperationExecutor, type VolumeOperation } from './operation-executor.ts';
import { TickQueue } from './tick-queue.ts';
import type { LongStep, VolumeOperations } from './volume-operations.ts';

/** Period of the loop. Source: `pkg/kubelet/volumemanager/volume_manager.go` reconcilerLoopSleepPeriod. */
const period: Micros = milliseconds(100);

/** What a reconciler is made from. */
export interface ReconcilerOptions {
  readonly owner: Owner;
  readonly desired: DesiredState;
  readonly actual: ActualState;
  readonly operations: VolumeOperations;
  /** What an earlier kubelet left is known well enough to be taken away. */
  readonly mayUnmount: () => boolean;
  /** It is known which volumes the node's pods want. */
  readonly podsSeen: () => boolean;
  /** All of the pod's containers have ended for good. */
  readonly isReleased: (uid: string) => boolean;
  /** The API says that the volume is attached, as far as is known here. */
  readonly isSaidAttached: (volume: string) => boolean;
  /** Something has changed on the node for these pods. */
  readonly onChange: (uids: readonly string[]) => void;
  /** Volumes that are to be attached came or went. */
  readonly onAttachableChange: () => void;
}

/**
 * Brings volumes from what is on the node to what shall be. It looks every 100 ms, at volumes about which something is new; while
 * nothing is, no tick exists.
 *
 * Source: `pkg/kubelet/volumemanager/reconciler`.
 */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #ticks: TickQueue;
  readonly #executor: OperationExecutor;
  /** Volumes that wait for somebody to attach them. */
  readonly #waiting = new Set<string>();
  /** Volumes that an earlier kubelet left and that some pod may want. */
  readonly #held = new Set<string>();

  constructor(options: ReconcilerOptions) {
    this.#options = options;
    this.#ticks = new TickQueue(options.owner, period, (keys) => this.#tick(keys));
    this.#executor = new OperationExecutor(options.owner, (volume, { uid }) => this.#ended(volume, uid));
  }

  /** Looks at these volumes on the next tick. */
  look(volumes: Iterable<string>): void {
    for (const volume of volumes) this.#ticks.add(volume);
  }

  /**
   * Does all that can be done for these volumes at once, in the caller's own process. For volumes that need nobody but the node and the
   * API: in life they are there before anybody looks for them, and every pod has one.
   */
  *settle(volumes: Iterable<string>): Process {
    for (const volume of volumes) {
      for (let operation = this.#nextOperation(volume); operation; operation = this.#nextOperation(volume)) {
        yield* this.#executor.run(volume, operation);
        if (operation.uid !== undefined) this.#options.onChange([operation.uid]);
      }
    }
  }

  /** There may be news of volumes that wait to be attached. */
  lookAtWaiting(): void {
    this.look(this.#waiting);
  }

  /** It may now be known that no pod wants what an earlier kubelet left. */
  lookAtHeld(): void {
    this.look(this.#held);
  }

  get isWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** An operation is under way on the volume for this pod. */
  isBusyFor(volume: string, uid: string): boolean {
    return this.#executor.isPendingFor(volume, uid);
  }

  #tick(volumes: ReadonlyMap<string, number>): void {
    const { kernel } = this.#options.owner;
    for (const [volume, cause] of volumes) {
      kernel.cause = cause;
      this.#reconcile(volume);
    }
  }

  #reconcile(volume: string): void {
    const operation = this.#nextOperation(volume);
    if (operation) this.#executor.start(volume, operation);
  }

  /** What may be begun now; small steps on the way to it are taken at once. */
  #nextOperation(volume: string): VolumeOperation | undefined {
    const { desired, actual, mayUnmount, podsSeen, isReleased, isSaidAttached } = this.#options;
    // The end of what is under way leads here again.
    if (this.#executor.isPending(volume)) return undefined;
    this.#waiting.delete(volume);
    this.#held.delete(volume);
    const steps = nextSteps({
      wishes: desired.wishes(volume),
      actual: actual.volume(volume),
      mayUnmount: mayUnmount(),
      podsSeen,
      isReleased,
      mayBeAttached: desired.isReported(volume) && isSaidAttached(volume),
    });
    for (const step of steps) {
      switch (step.step) {
        case 'wait for attach':
          this.#waiting.add(volume);
          return undefined;
        case 'wait for pods':
          this.#held.add(volume);
          return undefined;
        case 'attach': {
          const { kind, spec, attachable, claimBytes } = step.wish;
          actual.attach(volume, kind, spec, attachable, claimBytes);
          return this.#nextOperation(volume);
        }
        case 'detach':
          this.#detach(volume);
          return undefined;
        default: {
          const operation = this.#unlessPausing(volume, step);
          if (operation) return operation;
        }
      }
    }
    return undefined;
  }

  #detach(volume: string): void {
    const { actual, onAttachableChange } = this.#options;
    const wasAttachable = actual.volume(volume)?.attachable === true;
    actual.detach(volume);
    this.#executor.forget(volume);
    if (wasAttachable) onAttachableChange();
  }

  /** @returns undefined while the step has to pause */
  #unlessPausing(volume: string, step: LongStep): VolumeOperation | undefined {
    const operation = this.#options.operations.operation(volume, step);
    const retryAt = this.#executor.retryAt(volume, operation.key);
    if (retryAt === undefined) return operation;
    this.#ticks.add(volume, retryAt);
    return undefined;
  }

  #ended(volume: string, uid: string | undefined): void {
    const { desired, onChange } = this.#options;
    this.#ticks.add(volume);
    onChange(uid === undefined ? [...desired.wishes(volume).keys()] : [uid]);
  }
}
