import type { Scalar } from './contract.ts';
import type { Micros } from './time.ts';

export type TraceKind = 'write' | 'call' | 'answer' | 'decision' | 'fault' | 'log';

/** One event of the trace. */
export interface TraceRecord {
  /** Counts from 1. Heartbeats take no number. */
  readonly seq: number;
  readonly at: Micros;
  /** Who did it: `kubelet/node-1`. */
  readonly actor: string;
  readonly kind: TraceKind;
  /** `cri.RuntimeService/RunPodSandbox`. */
  readonly name: string;
  /** What it is about: `default/web-0`. */
  readonly subject: string | undefined;
  /** Sequence number of the event that it follows from; 0 for none. */
  readonly cause: number;
  /** Ids, codes, versions: what the hashed line says. */
  readonly data: readonly Scalar[];
  /** The whole request, answer, object or reasons: only in a kept stream. */
  readonly full?: unknown;
}

/** Someone broke the spec. */
export interface Breach {
  readonly at: Micros;
  /** Who is to blame: `my-network/node-1`. */
  readonly culprit: string;
  readonly side: 'caller' | 'plugin';
  /** `cni.Plugin/Add`. */
  readonly call: string;
  /** The rule's id, or what kind of misbehaviour it was. */
  readonly rule: string;
  /** Spec section. */
  readonly source: string | undefined;
  readonly message: string;
  readonly request: unknown;
  readonly response: unknown;
  /** Trace event of the call. */
  readonly seq: number;
}
