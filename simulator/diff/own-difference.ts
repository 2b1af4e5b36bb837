import type { TraceRecord } from '@slipway/kernel';
import type { KubeObject } from '@slipway/kube';
import type { Alignment, Pair } from './align-runs.ts';
import { valueWords } from './event-words.ts';
import { roleName } from './generated-ids.ts';
import { fieldDifferences } from './object-differences.ts';

/** `data`: it says something else. `took`: the answer came sooner or later after its call. `waited`: anything else that came sooner or later. */
export type OwnDifference = 'data' | 'took' | 'waited';

/**
 * Tells what differs of itself from what only follows: an event that is later because its cause was, or a write of an object that goes on to
 * differ in what has differed since an earlier write. Ask in the order of the left run.
 */
export class OwnDifferences {
  readonly #alignment: Alignment;
  /** By resource and subject, how the last writes differed. */
  readonly #known = new Map<string, ReadonlySet<string>>();

  constructor(alignment: Alignment) {
    this.#alignment = alignment;
  }

  of(pair: Pair): OwnDifference | undefined {
    const { left, right } = pair;
    if (!pair.sameData && this.#saysSomethingNew(pair)) return 'data';
    const { left: trace, right: other, rightOf } = this.#alignment;
    const causes = [trace.get(left.cause), other.get(right.cause)] as const;
    const since = causes[0] && causes[1] ? left.at - causes[0].at - (right.at - causes[1].at) : left.at - right.at;
    // Of two causes that do not correspond, nothing can be said about the time since.
    if (since === 0 || (left.cause !== 0 && rightOf.get(left.cause)?.seq !== right.cause)) return undefined;
    return left.kind === 'answer' ? 'took' : 'waited';
  }

  #saysSomethingNew({ left, right }: Pair): boolean {
    if (left.kind !== 'write' || left.full === undefined || right.full === undefined) return true;
    const fields = fieldDifferences(left.full as KubeObject, right.full as KubeObject, this.#alignment.ids);
    // Ids of its own make an event object another one, in whatever it says.
    const now = new Set(fields.map(({ field, left: a, right: b }) => `${field}=${roleName(valueWords(a))}→${roleName(valueWords(b))}`));
    const key = objectKey(left);
    const before = this.#known.get(key);
    this.#known.set(key, now);
    return [...now].some((one) => !before?.has(one));
  }
}

/** `api/patch status nodes` of node-1 → `nodes node-1`. */
const objectKey = ({ name, subject }: TraceRecord): string => `${name.slice(name.lastIndexOf(' ') + 1)} ${subject ?? ''}`;
