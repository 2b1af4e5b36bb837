import type { CriServices } from '@slipway/cri';
import type { Host } from '@slipway/host';
import type { Kernel, TraceRecord } from '@slipway/kernel';
import type { ApiServer, CommittedWrite } from '../apiserver/index.ts';
import type { Facts } from './facts/index.ts';

/** What a checker may look at. It only looks: a checker that changed anything would change the run. */
export interface Watched {
  readonly kernel: Kernel;
  readonly server: ApiServer;
  readonly nodes: ReadonlyMap<string, WatchedNode>;
  /** The scheduler that runs, where it shows what it holds in memory. */
  readonly scheduler?: () => WatchedScheduler | undefined;
}

/** What a scheduler holds in memory. */
export interface WatchedScheduler {
  /** Pods that take room, and whether it only assumes that they will be bound there. */
  placed(): Iterable<{
    readonly uid: string;
    readonly namespace: string;
    readonly name: string;
    readonly node: string;
    readonly assumed: boolean;
  }>;
  /** Pods for which it keeps room. */
  nominated(): Iterable<{ readonly uid: string; readonly namespace: string; readonly name: string; readonly node: string }>;
}

/** A machine, and its runtime while it has one. */
export interface WatchedNode {
  readonly host: Host;
  readonly cri: CriServices | undefined;
}

/** A call over a link that has been answered. */
export interface Exchange {
  /** `full` is the request. */
  readonly call: TraceRecord;
  /** `full` is the response or the error; `actor` is who answered: `my-network/node-1`. */
  readonly answer: TraceRecord;
  readonly ok: boolean;
  /** Code of the error; `OK` without one. */
  readonly code: string;
  /** An injected fault struck on the same node, or outside of all nodes, while the call was under way. */
  readonly disturbed: boolean;
}

/** What a checker is told; it leaves out what it does not need. Names are those of the trace: `cni.Plugin/Add`. */
export interface Check {
  /** Resources (plurals) whose writes it wants. Left out: of all. */
  readonly resources?: readonly string[];
  /**
   * After every committed write.
   *
   * @param by the call that asked for it, when one did: `actor` is who, `full` the request.
   */
  write?(write: CommittedWrite, by: TraceRecord | undefined): void;
  /** When a call of this name is sent. */
  readonly called?: { readonly [name: string]: (call: TraceRecord) => void };
  /** When the answer to a call of this name is received. */
  readonly answered?: { readonly [name: string]: (exchange: Exchange) => void };
  /** When something goes wrong on purpose: a call is struck (its `seq` is the cause), a part goes down or comes up, a fault is set. */
  fault?(record: TraceRecord): void;
  /** After every trace event: for what concerns the stream itself. */
  trace?(record: TraceRecord): void;
  /** When nothing is left to do. */
  atRest?(): void;
  /** When the calm is over: since no fault was set any more, all that has to happen has had its time. Comes after `atRest`. */
  afterCalm?(): void;
}

/** Looks at a world beside the invariants, by the same events: it counts, or notes what was reached. */
export interface Onlooker {
  /** Starts it for one world; it is told of each event after the facts are. */
  watch(world: Watched, facts: Facts): readonly Check[];
}

/** What a checker says of its row. */
export interface Verdict {
  /** Reports that it is broken. @param objects those involved: `Pod default/web-1` */
  violated(message: string, ...objects: readonly string[]): void;
  /** Counts a case in which the row had something to say, kept or broken: a row that is never met has not been checked. */
  met(): void;
  /** Somebody only asks what would be broken now: nothing is reported or counted, so a checker must forget nothing that it judged. */
  readonly isAsking: boolean;
}

/**
 * What must never happen, as one named property. Source of the rows: invariants.md of the project.
 *
 * `S` holds after every event, `Q` whenever nothing is left to do, `L` comes true within a bound once nothing goes wrong any more, `T` is
 * a property of the whole trace.
 */
export interface Invariant {
  /** `SCH-01`. */
  readonly id: string;
  readonly name: string;
  readonly kind: 'S' | 'Q' | 'L' | 'T';
  /** What always holds, for people. */
  readonly holds: string;
  /** Starts a checker for one world. */
  watch(world: Watched, verdict: Verdict, facts: Facts): Check;
}

/** A broken invariant. */
export interface Violation {
  readonly id: string;
  /** Virtual microseconds. */
  readonly at: number;
  readonly message: string;
  /** Objects involved: `Pod default/web-1`. */
  readonly objects: readonly string[];
  /** Newest trace event. */
  readonly seq: number;
}
