import type { Micros, TraceRecord } from '@slipway/kernel';
import { resourceOf as resourceKind } from '@slipway/kube';
import type { Alignment, Pair } from './align-runs.ts';
import { median } from './call-differences.ts';

/** How much later (or earlier, below 0) aligned calls of one method came on the right. Microseconds. */
export interface MethodShift {
  readonly method: string;
  /** Aligned calls. */
  readonly count: number;
  readonly median: Micros;
  /** The furthest of all, with its sign. */
  readonly most: Micros;
}

/** A step in the life of an object that both or one of the runs reached. */
export interface Milestone {
  /** `Pod default/web-75f66c96df-nnvt9`, as the left run names it. */
  readonly object: string;
  /** `Ready`. */
  readonly reached: string;
  readonly left: Micros | undefined;
  readonly right: Micros | undefined;
}

export interface TimeDifferences {
  readonly methods: readonly MethodShift[];
  readonly milestones: readonly Milestone[];
}

/** What came at another time: calls by method, and when objects became what people wait for. */
export function timeDifferences(alignment: Alignment): TimeDifferences {
  return { methods: shifts(alignment.pairs), milestones: milestones(alignment) };
}

function shifts(pairs: readonly Pair[]): readonly MethodShift[] {
  const byMethod = new Map<string, number[]>();
  for (const { left, right } of pairs) {
    if (left.kind !== 'call') continue;
    const known = byMethod.get(left.name);
    if (known) known.push(right.at - left.at);
    else byMethod.set(left.name, [right.at - left.at]);
  }
  const found: MethodShift[] = [];
  for (const [method, values] of byMethod) {
    const most = values.reduce((far, value) => (Math.abs(value) > Math.abs(far) ? value : far), 0);
    if (most !== 0) found.push({ method, count: values.length, median: median(values) ?? 0, most });
  }
  return found.sort((a, b) => (a.method < b.method ? -1 : 1));
}

interface Reached {
  readonly event: TraceRecord;
  readonly reached: string;
}

/** Conditions that people wait for, by resource (`kubectl wait --for=condition=…`). */
const WAITED_FOR: Readonly<Record<string, readonly string[]>> = {
  pods: ['PodScheduled', 'Ready'],
  nodes: ['Ready'],
  deployments: ['Available'],
  jobs: ['Complete', 'Failed'],
};
/** And phases. */
const PHASES: Readonly<Record<string, readonly string[]>> = {
  pods: ['Running', 'Succeeded', 'Failed'],
  persistentvolumeclaims: ['Bound'],
};

function milestones({ left, right, ids }: Alignment): readonly Milestone[] {
  const mine = reachedIn(left.records);
  const theirs = reachedIn(right.records);
  const found: Milestone[] = [];
  for (const { event, reached } of mine.values()) {
    const otherKey = `${reached}\n${resourceOf(event)}\n${ids.translate(event.subject ?? '')}`;
    const other = theirs.get(otherKey);
    theirs.delete(otherKey);
    if (other?.event.at !== event.at) found.push({ object: objectOf(event), reached, left: event.at, right: other?.event.at });
  }
  for (const { event, reached } of theirs.values()) found.push({ object: objectOf(event), reached, left: undefined, right: event.at });
  const time = ({ left: a, right: b }: Milestone): number => Math.min(a ?? Number.POSITIVE_INFINITY, b ?? Number.POSITIVE_INFINITY);
  return found.sort((a, b) => time(a) - time(b) || (a.object < b.object ? -1 : 1));
}

/** The first write that shows each step, by step and object. */
function reachedIn(records: readonly TraceRecord[]): Map<string, Reached> {
  const found = new Map<string, Reached>();
  for (const event of records) {
    if (event.kind !== 'write') continue;
    const resource = resourceOf(event);
    const phases = PHASES[resource];
    const conditions = WAITED_FOR[resource];
    if (!phases && !conditions) continue;
    const status = (event.full as { readonly status?: { readonly phase?: string; readonly conditions?: readonly Condition[] } } | undefined)
      ?.status;
    if (!status) continue;
    const note = (reached: string): void => {
      const key = `${reached}\n${resource}\n${event.subject ?? ''}`;
      if (!found.has(key)) found.set(key, { event, reached });
    };
    if (phases?.includes(status.phase ?? '')) note(status.phase ?? '');
    for (const { type, status: holds } of status.conditions ?? []) if (holds === 'True' && conditions?.includes(type)) note(type);
  }
  return found;
}

interface Condition {
  readonly type: string;
  readonly status: string;
}

/** `api/patch status pods` → pods. */
const resourceOf = ({ name }: TraceRecord): string => name.slice(name.lastIndexOf(' ') + 1);

const objectOf = (event: TraceRecord): string => `${resourceKind(resourceOf(event))?.kind ?? resourceOf(event)} ${event.subject ?? ''}`;
