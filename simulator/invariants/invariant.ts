import type { CommittedWrite } from '../apiserver/index.ts';
import type { Host } from '@slipway/host';
import type { CriServices } from '@slipway/cri';
import type { Kernel, TraceRecord } from '@slipway/kernel';
import type { ApiServer } from '../apiserver/index.ts';

/** What a checker may look at. It only looks: a checker that changed anything would change the run. */
export interface Watched {
  readonly kernel: Kernel;
  readonly server: ApiServer;
  readonly nodes: ReadonlyMap<string, { readonly host: Host; readonly cri: CriServices | undefined }>;
}

/** What a checker is told; it leaves out what it does not need. */
export interface Check {
  /** After every committed write. */
  write?(write: CommittedWrite): void;
  /** After every trace event. */
  trace?(record: TraceRecord): void;
  /** When nothing is left to do. */
  atRest?(): void;
}

/**
 * What must never happen, as one named property. Source of the rows: invariants.md of the project.
 *
 * `S` holds after every event, `Q` whenever nothing is left to do, `T` is a property of the whole trace.
 */
export interface Invariant {
  /** `SCH-01`. */
  readonly id: string;
  readonly name: string;
  readonly kind: 'S' | 'Q' | 'T';
  /** What always holds, for people. */
  readonly holds: string;
  /** Starts a checker for one world. */
  watch(world: Watched, violated: (message: string, ...objects: readonly string[]) => void): Check;
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
