import type { Service } from './contract.ts';
import type { Fault } from './faults.ts';
import type { Latency } from './latency.ts';
import type { Owner } from './owner.ts';
import type { Micros } from './time.ts';

export interface LinkOptions<S> {
  readonly service: Service<S>;
  readonly from: Owner;
  readonly to: Owner;
  /** Time between sending and the work, per method. Left out: none. */
  readonly latency?: Latency | undefined;
  readonly faults?: readonly Fault[] | undefined;
  /** What the caller meets when the callee has died: an error at once (socket, exec) or silence until the deadline (network). */
  readonly onDeath?: 'unavailable' | 'silent' | undefined;
}

/** An item of a stream on its way. */
export interface StreamItem {
  readonly item: unknown;
  /** Trace event behind it. */
  readonly cause: number;
}

/** Items of streams are held back, and come together every so long. */
export interface Gathering {
  readonly every: Micros;
  /** What is delivered of those that have come together, in order. */
  merge(items: readonly StreamItem[]): readonly StreamItem[];
}

/** Which ways of a link are cut, as by a network partition. */
export interface CutWays {
  /** What the caller sends never arrives. */
  readonly requests: boolean;
  /** What the callee sends, answers and items of streams, never arrives. */
  readonly answers: boolean;
  /** When a caller takes the connection for dead, where that is before its deadline. */
  readonly patience?: Micros;
}
