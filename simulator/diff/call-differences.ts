import type { Micros, TraceRecord } from '@slipway/kernel';
import type { Alignment } from './align-runs.ts';
import type { TraceIndex } from './trace-index.ts';

/** Calls of one method in one run. */
export interface MethodCalls {
  readonly count: number;
  /** From sending to answer, in microseconds; undefined if no answer came. */
  readonly median: Micros | undefined;
  readonly max: Micros | undefined;
  /** Answers with another code than OK. */
  readonly failed: number;
}

export interface MethodDifference {
  /** `cni.Plugin/Add`. */
  readonly method: string;
  readonly left: MethodCalls;
  readonly right: MethodCalls;
}

/** Calls of one method that the other run has no counterpart for. */
export interface ExtraCalls {
  readonly method: string;
  readonly count: number;
  /** The first of them. */
  readonly example: TraceRecord;
}

export interface CallDifferences {
  /** Heartbeats left out. */
  readonly left: number;
  readonly right: number;
  /** Methods that were called a different number of times, took a different time or failed more or less often. */
  readonly methods: readonly MethodDifference[];
  readonly onlyLeft: readonly ExtraCalls[];
  readonly onlyRight: readonly ExtraCalls[];
}

/** Counts and latencies by method, and the calls that stand in one run alone. Streams (watches) have no latency: they last. */
export function callDifferences({ left, right, rightOf, leftOf }: Alignment): CallDifferences {
  const mine = byMethod(left);
  const theirs = byMethod(right);
  const methods: MethodDifference[] = [];
  for (const method of [...new Set([...mine.keys(), ...theirs.keys()])].sort()) {
    const a = summed(mine.get(method));
    const b = summed(theirs.get(method));
    if (a.count !== b.count || a.median !== b.median || a.max !== b.max || a.failed !== b.failed)
      methods.push({ method, left: a, right: b });
  }
  return {
    left: total(mine),
    right: total(theirs),
    methods,
    onlyLeft: extras(left, (seq) => rightOf.has(seq)),
    onlyRight: extras(right, (seq) => leftOf.has(seq)),
  };
}

interface Tally {
  count: number;
  failed: number;
  readonly latencies: Micros[];
}

function byMethod(trace: TraceIndex): Map<string, Tally> {
  const tallies = new Map<string, Tally>();
  for (const record of trace.records) {
    if (record.kind !== 'call') continue;
    let tally = tallies.get(record.name);
    if (!tally) {
      tally = { count: 0, failed: 0, latencies: [] };
      tallies.set(record.name, tally);
    }
    tally.count += 1;
    const answer = trace.answerTo(record);
    if (!answer) continue;
    tally.latencies.push(answer.at - record.at);
    if (answer.data[0] !== 'OK') tally.failed += 1;
  }
  return tallies;
}

const NEVER: MethodCalls = { count: 0, median: undefined, max: undefined, failed: 0 };

function summed(tally: Tally | undefined): MethodCalls {
  if (!tally) return NEVER;
  const { count, failed, latencies } = tally;
  return { count, failed, median: median(latencies), max: latencies.length === 0 ? undefined : Math.max(...sorted(latencies).slice(-1)) };
}

const sorted = (numbers: readonly number[]): readonly number[] => [...numbers].sort((a, b) => a - b);

/** Of an even number of values the lower middle one, so that it is a value that occurred. */
export function median(numbers: readonly number[]): number | undefined {
  return sorted(numbers)[Math.floor((numbers.length - 1) / 2)];
}

function total(tallies: ReadonlyMap<string, Tally>): number {
  let calls = 0;
  for (const { count } of tallies.values()) calls += count;
  return calls;
}

function extras(trace: TraceIndex, isAligned: (seq: number) => boolean): readonly ExtraCalls[] {
  const found = new Map<string, { method: string; count: number; example: TraceRecord }>();
  for (const record of trace.records) {
    if (record.kind !== 'call' || isAligned(record.seq)) continue;
    const known = found.get(record.name);
    if (known) known.count += 1;
    else found.set(record.name, { method: record.name, count: 1, example: record });
  }
  // In the order of time, what the API server is asked after what the interfaces do.
  const rank = ({ method, example }: ExtraCalls): number => (method.startsWith('api.') ? Number.MAX_SAFE_INTEGER / 2 : 0) + example.seq;
  return [...found.values()].sort((a, b) => rank(a) - rank(b));
}
