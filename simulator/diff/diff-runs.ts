import type { Micros, TraceRecord } from '@slipway/kernel';
import type { KubeObject } from '@slipway/kube';
import { alignRuns, type Alignment } from './align-runs.ts';
import { type CallDifferences, callDifferences } from './call-differences.ts';
import { type ExpectationDifference, expectationDifferences, type Verdict } from './expectation-differences.ts';
import { firstDifference, type FirstDifference } from './first-difference.ts';
import { interfaceDifferences, type InterfaceDifference } from './interface-differences.ts';
import { objectDifferences, type ObjectDifference } from './object-differences.ts';
import { timeDifferences, type TimeDifferences } from './time-differences.ts';

/** What is left of a run: enough to compare it with another. */
export interface KeptRun {
  /** The kept trace, in order. */
  readonly trace: readonly TraceRecord[];
  /** All objects at the end. */
  readonly objects: readonly KubeObject[];
  readonly fingerprint: string;
  /** Of a scenario. */
  readonly expectations?: readonly Verdict[];
  /** Virtual time at the end, in microseconds. */
  readonly endedAt: Micros;
}

/** How two runs differ. */
export interface RunDiff {
  readonly alignment: Alignment;
  /** Undefined: every event is the same, but for ids that differ by run. */
  readonly first: FirstDifference | undefined;
  /** The first event of each interface that differs of its own, in order of time. */
  readonly interfaces: readonly InterfaceDifference[];
  readonly expectations: readonly ExpectationDifference[];
  readonly objects: readonly ObjectDifference[];
  readonly calls: CallDifferences;
  readonly timing: TimeDifferences;
}

/** Compares two runs, event by event and by what they came to. Pure: the same runs give the same result. */
export function diffRuns(left: KeptRun, right: KeptRun): RunDiff {
  const alignment = alignRuns(left.trace, right.trace);
  return {
    alignment,
    first: firstDifference(alignment),
    interfaces: interfaceDifferences(alignment),
    expectations: expectationDifferences(left.expectations ?? [], right.expectations ?? []),
    objects: objectDifferences(left.objects, right.objects, alignment.ids),
    calls: callDifferences(alignment),
    timing: timeDifferences(alignment),
  };
}
