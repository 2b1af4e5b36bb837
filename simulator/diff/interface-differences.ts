import type { TraceRecord } from '@slipway/kernel';
import type { Alignment } from './align-runs.ts';
import { OwnDifferences } from './own-difference.ts';

/** The first thing that one interface does otherwise. */
export interface InterfaceDifference {
  /** `cni`, `csi`, `scheduler`. */
  readonly interface: string;
  /** `took`: the answer came sooner or later after its call. `data`: it says something else. */
  readonly kind: 'took' | 'data' | 'only left' | 'only right';
  readonly at: number;
  readonly left: TraceRecord | undefined;
  readonly right: TraceRecord | undefined;
}

/**
 * By interface, the first event that differs of its own: one that says something else, took another time, or stands on one side alone.
 * Being later only because its cause was is no difference of its own.
 */
export function interfaceDifferences(alignment: Alignment): readonly InterfaceDifference[] {
  const { pairs, left, right, rightOf, leftOf } = alignment;
  const found = new Map<string, InterfaceDifference>();
  const note = (difference: InterfaceDifference): void => {
    const known = found.get(difference.interface);
    if (!known || difference.at < known.at) found.set(difference.interface, difference);
  };
  const own = new OwnDifferences(alignment);
  for (const pair of pairs) {
    const kind = own.of(pair);
    if (!kind || kind === 'waited' || pair.left.kind === 'log') continue;
    const at = Math.min(pair.left.at, pair.right.at);
    note({ interface: interfaceOf(pair.left), kind, at, left: pair.left, right: pair.right });
  }
  for (const event of left.records)
    if (tells(event) && !rightOf.has(event.seq))
      note({ interface: interfaceOf(event), kind: 'only left', at: event.at, left: event, right: undefined });
  for (const event of right.records)
    if (tells(event) && !leftOf.has(event.seq))
      note({ interface: interfaceOf(event), kind: 'only right', at: event.at, left: undefined, right: event });
  return [...found.values()].sort((a, b) => a.at - b.at || (a.interface < b.interface ? -1 : 1));
}

/** An answer says no more than the call that only one side has, and logs are the plugins' own words. */
const tells = ({ kind }: TraceRecord): boolean => kind !== 'answer' && kind !== 'log';

/** `cni.Plugin/Add` → cni; `scheduler/schedule` → scheduler; `api/create pods` → api. */
export function interfaceOf({ name }: TraceRecord): string {
  return /^[a-z0-9-]+/i.exec(name)?.[0] ?? name;
}
