import type { Scalar, TraceRecord } from '@slipway/kernel';
import type { ExtraCalls, MethodCalls } from './call-differences.ts';
import type { ExpectationDifference } from './expectation-differences.ts';
import type { RunDiff } from './diff-runs.ts';
import { type ObjectDifference, fieldDifferences } from './object-differences.ts';
import type { KubeObject } from '@slipway/kube';
import type { SideTitle } from './sides.ts';
import type { TraceIndex } from './trace-index.ts';

/** What `slipway diff --json` prints. All times are virtual seconds. */
export interface DiffReport {
  /** Nothing differs but ids and generated names. */
  readonly same: boolean;
  readonly left: SideReport;
  readonly right: SideReport;
  /** Time of the last event that both runs share; null if they never differ. */
  readonly sameUntil: number | null;
  readonly firstDifference: {
    readonly kind: string;
    readonly at: number;
    /** Events before it, the same in both runs. */
    readonly sameEvents: number;
    /** Null: the run has no such event. */
    readonly left: EventReport | null;
    readonly right: EventReport | null;
    /** Of a written object: the fields that differ. */
    readonly fields: readonly ObjectDifference[];
  } | null;
  /** Of a scenario: those that were judged otherwise; null: not judged. */
  readonly expectations: readonly ExpectationDifference[];
  readonly objects: readonly ObjectDifference[];
  readonly calls: {
    readonly left: number;
    readonly right: number;
    readonly methods: readonly { readonly method: string; readonly left: CallsReport; readonly right: CallsReport }[];
    readonly onlyLeft: readonly ExtraReport[];
    readonly onlyRight: readonly ExtraReport[];
  };
  readonly timing: {
    /** Shift of the right run against the left, of calls that both have. */
    readonly methods: readonly { readonly method: string; readonly calls: number; readonly median: number; readonly most: number }[];
    readonly milestones: readonly {
      readonly object: string;
      readonly reached: string;
      readonly left: number | null;
      readonly right: number | null;
    }[];
  };
}

export interface SideReport {
  readonly title: string;
  readonly events: number;
  readonly fingerprint: string;
  readonly virtualSeconds: number;
}

/** An event; `causes` lead back from it, nearest first. */
export interface EventReport extends CauseReport {
  readonly causes: readonly CauseReport[];
}

export interface CauseReport {
  readonly seq: number;
  readonly at: number;
  readonly actor: string;
  readonly kind: string;
  readonly name: string;
  readonly subject: string | null;
  readonly data: readonly Scalar[];
}

export interface CallsReport {
  readonly count: number;
  /** Answers with another code than OK. */
  readonly failed: number;
  readonly median: number | null;
  readonly max: number | null;
}

export interface ExtraReport {
  readonly method: string;
  readonly count: number;
  /** The first of them. */
  readonly example: EventReport;
}

/** The whole difference as plain data, nothing cut short. */
export function diffReport(diff: RunDiff, left: SideTitle, right: SideTitle): DiffReport {
  const { alignment, first, objects, calls, timing } = diff;
  return {
    same: !first && objects.length === 0,
    left: sideReport(left),
    right: sideReport(right),
    sameUntil: first ? seconds(first.sameUntil) : null,
    firstDifference: first
      ? {
          kind: first.kind,
          at: seconds(first.at),
          sameEvents: first.same,
          left: first.left ? eventReport(first.left, alignment.left) : null,
          right: first.right ? eventReport(first.right, alignment.right) : null,
          fields:
            first.left?.kind === 'write' && first.left.full !== undefined && first.right?.full !== undefined
              ? fieldDifferences(first.left.full as KubeObject, first.right.full as KubeObject, alignment.ids)
              : [],
        }
      : null,
    expectations: diff.expectations,
    objects,
    calls: {
      left: calls.left,
      right: calls.right,
      methods: calls.methods.map((one) => ({ method: one.method, left: callsReport(one.left), right: callsReport(one.right) })),
      onlyLeft: calls.onlyLeft.map((extra) => extraReport(extra, alignment.left)),
      onlyRight: calls.onlyRight.map((extra) => extraReport(extra, alignment.right)),
    },
    timing: {
      methods: timing.methods.map(({ method, count, median, most }) => ({
        method,
        calls: count,
        median: seconds(median),
        most: seconds(most),
      })),
      milestones: timing.milestones.map((step) => ({ ...step, left: secondsOrNull(step.left), right: secondsOrNull(step.right) })),
    },
  };
}

const seconds = (micros: number): number => micros / 1_000_000;
const secondsOrNull = (micros: number | undefined): number | null => (micros === undefined ? null : seconds(micros));

const sideReport = ({ title, events, fingerprint, endedAt }: SideTitle): SideReport => ({
  title,
  events,
  fingerprint,
  virtualSeconds: seconds(endedAt),
});

const callsReport = ({ count, failed, median, max }: MethodCalls): CallsReport => ({
  count,
  failed,
  median: secondsOrNull(median),
  max: secondsOrNull(max),
});

const extraReport = ({ method, count, example }: ExtraCalls, trace: TraceIndex): ExtraReport => ({
  method,
  count,
  example: eventReport(example, trace),
});

const eventReport = (event: TraceRecord, trace: TraceIndex): EventReport => ({
  ...causeReport(event),
  causes: trace.causesOf(event).map(causeReport),
});

const causeReport = ({ seq, at, actor, kind, name, subject, data }: TraceRecord): CauseReport => ({
  seq,
  at: seconds(at),
  actor,
  kind,
  name,
  subject: subject ?? null,
  data,
});
