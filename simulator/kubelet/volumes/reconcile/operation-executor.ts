import { messageOf, milliseconds, type Micros, minutes, type Owner, type Process, seconds } from '@slipway/kernel';
import { isExpectedFailure } from '../../failure.ts';

/** Pause after an operation that failed; it doubles. Source: `pkg/util/goroutinemap/exponentialbackoff/exponential_backoff.go`. */
export const firstRetryPause: Micros = milliseconds(500);
export const longestRetryPause: Micros = minutes(2) + seconds(2);

/** Something to be done to a volume. */
export interface VolumeOperation {
  /** What tells it from other operations on the volume, for its pauses: `volume_mount/<pod>`. */
  readonly key: string;
  /** The pod that it is for. */
  readonly uid?: string | undefined;
  readonly run: () => Process;
  /** Tells of a failure. */
  readonly onFailure: (message: string) => void;
}

interface BackOff {
  readonly until: Micros;
  readonly pause: Micros;
}

interface Lane {
  pending: VolumeOperation | undefined;
  readonly backOffs: Map<string, BackOff>;
}

/**
 * Runs operations in the background: on one volume one at a time, and one that failed not again before its pause is over.
 *
 * Source: `pkg/volume/util/nestedpendingoperations`, `pkg/volume/util/operationexecutor/operation_executor.go`. There, pods may be given
 * one volume at the same time; here they wait for each other, as drivers ask of their callers.
 */
export class OperationExecutor {
  readonly #owner: Owner;
  readonly #onEnd: (volume: string, operation: VolumeOperation) => void;
  readonly #lanes = new Map<string, Lane>();

  /** @param onEnd called after an operation in the background has ended, well or not */
  constructor(owner: Owner, onEnd: (volume: string, operation: VolumeOperation) => void) {
    this.#owner = owner;
    this.#onEnd = onEnd;
  }

  isPending(volume: string): boolean {
    return this.#lanes.get(volume)?.pending !== undefined;
  }

  /** Something is under way on the volume for this pod. */
  isPendingFor(volume: string, uid: string): boolean {
    return this.#lanes.get(volume)?.pending?.uid === uid;
  }

  /** When the operation may be tried; undefined when at once. */
  retryAt(volume: string, key: string): Micros | undefined {
    const until = this.#lanes.get(volume)?.backOffs.get(key)?.until;
    return until === undefined || until < this.#owner.kernel.now ? undefined : until;
  }

  /** Starts the operation in the background; nothing may be pending on the volume. */
  start(volume: string, operation: VolumeOperation): void {
    this.#owner.spawn('volume operation', this.#runToEnd(volume, this.#occupy(volume, operation), operation));
  }

  /** Runs the operation in the caller's own process; nothing may be pending on the volume. */
  run(volume: string, operation: VolumeOperation): Process {
    return this.#run(volume, this.#occupy(volume, operation), operation);
  }

  /** The volume has left the node: what was remembered of its failures goes too. */
  forget(volume: string): void {
    this.#lanes.delete(volume);
  }

  #occupy(volume: string, operation: VolumeOperation): Lane {
    const lane = this.#lanes.get(volume) ?? { pending: undefined, backOffs: new Map<string, BackOff>() };
    this.#lanes.set(volume, lane);
    lane.pending = operation;
    return lane;
  }

  *#runToEnd(volume: string, lane: Lane, operation: VolumeOperation): Process {
    yield* this.#run(volume, lane, operation);
    this.#onEnd(volume, operation);
  }

  *#run(volume: string, lane: Lane, operation: VolumeOperation): Process {
    const { key } = operation;
    try {
      yield* operation.run();
      lane.backOffs.delete(key);
    } catch (error) {
      if (!isExpectedFailure(error)) throw error;
      const before = lane.backOffs.get(key)?.pause;
      const pause = before === undefined ? firstRetryPause : Math.min(2 * before, longestRetryPause);
      lane.backOffs.set(key, { until: this.#owner.kernel.now + pause, pause });
      operation.onFailure(messageOf(error));
    }
    lane.pending = undefined;
    if (lane.backOffs.size === 0) this.#lanes.delete(volume);
  }
}
