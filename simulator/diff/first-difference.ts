import type { TraceRecord } from '@slipway/kernel';
import type { Alignment } from './align-runs.ts';
import { Correspondence } from './correspondence.ts';
import { sameData, sameSubject } from './same-value.ts';

/** What is not the same: when it happens, what it says, where it stands among others, or that it happens at all. */
export type DifferenceKind = 'time' | 'data' | 'order' | 'only left' | 'only right' | 'instead';

export interface FirstDifference {
  readonly kind: DifferenceKind;
  /** Number of events that are the same in both runs, from the first on. */
  readonly same: number;
  /** Time of the last of them, in microseconds; 0 if there is none. */
  readonly sameUntil: number;
  /** When they part: the earlier of the two events. */
  readonly at: number;
  readonly left: TraceRecord | undefined;
  readonly right: TraceRecord | undefined;
}

/**
 * Walks both runs side by side to the first event that is not the same in time, data, cause or order, and says which two events that are.
 * Up to there the runs are the same event for event, so that no alignment is needed to be sure; it only finds the partner.
 */
export function firstDifference(alignment: Alignment): FirstDifference | undefined {
  const left = alignment.left.records;
  const right = alignment.right.records;
  const ids = new Correspondence();
  let same = 0;
  while (same < left.length && same < right.length) {
    if (!sameEvent(left[same] as TraceRecord, right[same] as TraceRecord, ids, alignment)) break;
    same += 1;
  }
  const a = left[same];
  const b = right[same];
  if (!a && !b) return undefined;
  const found = partners(a, b, alignment);
  const at = Math.min(found.left?.at ?? Number.POSITIVE_INFINITY, found.right?.at ?? Number.POSITIVE_INFINITY);
  return { ...found, same, sameUntil: left[same - 1]?.at ?? 0, at };
}

function sameEvent(left: TraceRecord, right: TraceRecord, ids: Correspondence, { roles }: Alignment): boolean {
  return (
    left.at === right.at &&
    left.kind === right.kind &&
    left.name === right.name &&
    left.cause === right.cause &&
    (left.actor === right.actor || roles(left.actor) === right.actor) &&
    sameSubject(left.subject, right.subject, ids) &&
    sameData(left, right, ids)
  );
}

type Found = Pick<FirstDifference, 'kind' | 'left' | 'right'>;

/** Which two events part the runs, of the two at the place where they do: the earlier one and what corresponds to it. */
function partners(a: TraceRecord | undefined, b: TraceRecord | undefined, alignment: Alignment): Found {
  const ofLeft = a && ({ kind: 'only left', left: a, right: alignment.rightOf.get(a.seq) } as const);
  const ofRight = b && ({ kind: 'only right', left: alignment.leftOf.get(b.seq), right: b } as const);
  if (!ofLeft) return named(ofRight as Found, alignment);
  if (!ofRight) return named(ofLeft, alignment);
  if (ofLeft.right === b) return named(ofLeft, alignment);
  if (ofLeft.left.at !== ofRight.right.at) return named(ofLeft.left.at < ofRight.right.at ? ofLeft : ofRight, alignment);
  if (!ofLeft.right && !ofRight.left) return { kind: 'instead', left: ofLeft.left, right: ofRight.right };
  if (!ofLeft.right) return named(ofLeft, alignment);
  if (!ofRight.left) return named(ofRight, alignment);
  // Both come later on the other side: the one that moved further is the cause of the other's new place.
  const leftMoved = ofLeft.right.seq - ofRight.right.seq;
  const rightMoved = ofRight.left.seq - ofLeft.left.seq;
  if (leftMoved !== rightMoved) return named(leftMoved > rightMoved ? ofLeft : ofRight, alignment);
  // Names decide, so that it does not matter which run is called left.
  return named(title(ofLeft.left) < title(ofRight.right) ? ofLeft : ofRight, alignment);
}

const title = ({ name, subject, data }: TraceRecord): string => `${name} ${subject ?? ''} ${data.join(' ')}`;

function named(found: Found, { pairs }: Alignment): Found {
  const { left, right } = found;
  if (!left || !right) return found;
  const said = pairs.find((pair) => pair.left === left)?.sameData ?? false;
  const kind = left.at !== right.at ? 'time' : said ? 'order' : 'data';
  return { kind, left, right };
}
