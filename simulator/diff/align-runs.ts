import type { Scalar, TraceRecord } from '@slipway/kernel';
import { actorRoles, type ActorRoles } from './actor-roles.ts';
import { Correspondence } from './correspondence.ts';
import { isRevision, sameData, sameSubject } from './same-value.ts';
import { roleName } from './generated-ids.ts';
import { TraceIndex } from './trace-index.ts';

/** Which event of one run is which of the other. */
export interface Alignment {
  readonly left: TraceIndex;
  readonly right: TraceIndex;
  /** Pairs in the order of the left run. */
  readonly pairs: readonly Pair[];
  /** By sequence number of the left event. */
  readonly rightOf: ReadonlyMap<number, TraceRecord>;
  /** By sequence number of the right event. */
  readonly leftOf: ReadonlyMap<number, TraceRecord>;
  readonly ids: Correspondence;
  readonly roles: ActorRoles;
}

export interface Pair {
  readonly left: TraceRecord;
  readonly right: TraceRecord;
  /** They say the same, and the same actor did it. Time and order may differ. */
  readonly sameData: boolean;
}

/** `kubelet/node-1` without its node. */
const NODE = /\/.*$/;
/** How many events of one kind are looked through for the one that says the same; beyond it order decides, so that cost stays linear. */
const LOOK_AHEAD = 8;

/**
 * Aligns two runs by cause: two events are the same when their causes are, and when each is the nth of its actor, kind, name and subject
 * under that cause. What is left over, because it followed from another cause (of two things that a process waited for, the other came
 * last), is aligned by its order, and then what another node did about the same thing. Names, uids and addresses that differ by run are recognised by their role.
 *
 * @param left a kept trace; @param right another.
 */
export function alignRuns(left: readonly TraceRecord[], right: readonly TraceRecord[]): Alignment {
  const aligner = new Aligner(new TraceIndex(left), new TraceIndex(right), actorRoles(left, right));
  aligner.alignByCause();
  aligner.alignTheRest();
  aligner.alignElsewhere();
  return aligner.alignment();
}

type Twins = readonly [left: TraceRecord, right: TraceRecord];

/** Events without a partner, by what makes them alike. */
type Free = Readonly<Record<'left' | 'right', Map<string, TraceRecord[]>>>;

/**
 * Everything goes in one order that does not depend on which run is called left: by the later of two sequence numbers. Ids are learnt on the
 * way, so that events of one moment meet what the moments before taught.
 */
class Aligner {
  readonly #left: TraceIndex;
  readonly #right: TraceIndex;
  readonly #last: number;
  readonly #roles: ActorRoles;
  readonly #ids = new Correspondence();
  readonly #rightOf = new Map<number, TraceRecord>();
  readonly #leftOf = new Map<number, TraceRecord>();
  readonly #same = new Set<number>();
  readonly #subjects = new Map<string, string>();
  /** Pairs whose followers are still to be aligned, by the later of their sequence numbers. A cause stands before what follows from it. */
  readonly #due = new Map<number, Twins[]>();
  readonly #urgent: Twins[] = [];
  #atOnce = false;
  /** The node of an actor does not matter. */
  #anywhere = false;
  /** Only what says the same is a partner. */
  #strict = false;

  constructor(left: TraceIndex, right: TraceIndex, roles: ActorRoles) {
    this.#left = left;
    this.#right = right;
    this.#last = Math.max(left.records.at(-1)?.seq ?? 0, right.records.at(-1)?.seq ?? 0);
    this.#roles = roles;
  }

  alignByCause(): void {
    this.#match(this.#left.followers(0), this.#right.followers(0));
    this.#sweep();
  }

  /** What followed from another cause in the other run: first what says the same, then what comes next of its kind. */
  alignTheRest(): void {
    for (const strict of [true, false]) {
      this.#strict = strict;
      this.#sweep(this.#free(() => true));
    }
  }

  /** What was done elsewhere: by the same part of another node, from the same cause or about the same thing. */
  alignElsewhere(): void {
    if (this.#rightOf.size === this.#left.records.length || this.#leftOf.size === this.#right.records.length) return;
    this.#anywhere = true;
    this.#strict = false;
    this.#atOnce = false;
    for (const event of this.#left.records) {
      const other = this.#rightOf.get(event.seq);
      if (other) this.#plan(event, other);
    }
    this.#sweep();
    for (const strict of [true, false]) {
      this.#strict = strict;
      this.#sweep(this.#free(({ subject, kind }) => subject !== undefined && kind !== 'write'));
    }
  }

  #free(wanted: (event: TraceRecord) => boolean): Free {
    return {
      left: grouped(
        this.#left.records.filter((event) => !this.#rightOf.has(event.seq) && wanted(event)),
        (event) => this.#leftKey(event),
      ),
      right: grouped(
        this.#right.records.filter((event) => !this.#leftOf.has(event.seq) && wanted(event)),
        (event) => this.#rightKey(event),
      ),
    };
  }

  #sweep(free?: Free): void {
    this.#atOnce = free !== undefined;
    for (let seq = 1; seq <= this.#last; seq++) {
      if (free) this.#matchFree(seq, free);
      const due = this.#due.get(seq);
      if (!due) continue;
      this.#due.delete(seq);
      for (const [a, b] of due.sort(([a, b], [c, d]) => Math.min(a.seq, b.seq) - Math.min(c.seq, d.seq) || (a.name < c.name ? -1 : 1)))
        this.#match(this.#left.followers(a.seq), this.#right.followers(b.seq));
    }
  }

  /** Finds partners for what has this number in either run and is still alone. */
  #matchFree(seq: number, free: Free): void {
    const mine = this.#rightOf.has(seq) ? undefined : this.#left.get(seq);
    const theirs = this.#leftOf.has(seq) ? undefined : this.#right.get(seq);
    const myKey = mine && this.#leftKey(mine);
    const theirKey = theirs && this.#rightKey(theirs);
    const takeMine = (): void => {
      const other = mine && !this.#rightOf.has(seq) && this.#takeRight(free.right.get(myKey ?? ''), mine);
      if (!other) return;
      this.#pair(mine, other);
      this.#finishPlanned();
    };
    const takeTheirs = (): void => {
      const other = theirs && !this.#leftOf.has(seq) && this.#takeLeft(free.left.get(theirKey ?? ''), theirs);
      if (!other) return;
      this.#pair(other, theirs);
      this.#finishPlanned();
    };
    if ((myKey ?? '') < (theirKey ?? '')) {
      takeMine();
      takeTheirs();
    } else {
      takeTheirs();
      takeMine();
    }
  }

  #takeRight(bucket: TraceRecord[] | undefined, event: TraceRecord): TraceRecord | undefined {
    return takeFirst(
      bucket,
      ({ seq }) => !this.#leftOf.has(seq),
      (other) => this.#mayBe(event, other),
    );
  }

  #takeLeft(bucket: TraceRecord[] | undefined, event: TraceRecord): TraceRecord | undefined {
    return takeFirst(
      bucket,
      ({ seq }) => !this.#rightOf.has(seq),
      (other) => this.#mayBe(other, event),
    );
  }

  /** Whether both can be the same: ids that are known to stand for others make them two. */
  #mayBe(left: TraceRecord, right: TraceRecord): boolean {
    if (this.#strict && left.kind !== 'write' && !this.#sayAlike(left.data, right.data)) return false;
    if (left.subject === undefined || right.subject === undefined) return true;
    return this.#ids.accepts(left.subject, right.subject) || !this.#ids.isAboutIds(left.subject, right.subject);
  }

  /** Followers of what is found out of its order are aligned at once, before they are taken for something else. */
  #finishPlanned(): void {
    for (let next = this.#urgent.shift(); next; next = this.#urgent.shift())
      this.#match(this.#left.followers(next[0].seq), this.#right.followers(next[1].seq));
  }

  #plan(left: TraceRecord, right: TraceRecord): void {
    if (this.#atOnce) {
      this.#urgent.push([left, right]);
      return;
    }
    const seq = Math.max(left.seq, right.seq);
    const due = this.#due.get(seq);
    if (due) due.push([left, right]);
    else this.#due.set(seq, [[left, right]]);
  }

  alignment(): Alignment {
    const pairs: Pair[] = [];
    for (const event of this.#left.records) {
      const other = this.#rightOf.get(event.seq);
      if (other) pairs.push({ left: event, right: other, sameData: this.#same.has(event.seq) });
    }
    return {
      left: this.#left,
      right: this.#right,
      pairs,
      rightOf: this.#rightOf,
      leftOf: this.#leftOf,
      ids: this.#ids,
      roles: this.#roles,
    };
  }

  #match(left: readonly TraceRecord[], right: readonly TraceRecord[]): void {
    if (left.length === 0 || right.length === 0) return;
    const buckets = grouped(
      right.filter(({ seq }) => !this.#leftOf.has(seq)),
      (event) => this.#rightKey(event),
    );
    const mine = grouped(
      left.filter(({ seq }) => !this.#rightOf.has(seq)),
      (event) => this.#leftKey(event),
    );
    for (const key of [...mine.keys()].sort()) {
      const others = buckets.get(key);
      if (others) this.#matchBucket(mine.get(key) ?? [], others);
    }
  }

  /** First those that say the same, then by order. */
  #matchBucket(left: readonly TraceRecord[], right: TraceRecord[]): void {
    const remaining: TraceRecord[] = [];
    const waiting = right;
    for (const event of left) {
      const at = this.#placeOfTwin(event, waiting);
      const [twin] = at < 0 ? [] : waiting.splice(at, 1);
      if (twin) this.#pair(event, twin);
      else remaining.push(event);
    }
    for (const event of remaining) {
      const other = this.#takeRight(waiting, event);
      if (other) this.#pair(event, other);
    }
  }

  #placeOfTwin(event: TraceRecord, waiting: readonly TraceRecord[]): number {
    for (let place = 0; place < waiting.length && place < LOOK_AHEAD; place++) {
      const other = waiting[place] as TraceRecord;
      if (event.subject !== undefined && other.subject !== undefined && !this.#ids.accepts(event.subject, other.subject)) continue;
      // Of a write, the object may differ and still be the one.
      if (event.kind === 'write' || this.#sayAlike(event.data, other.data)) return place;
    }
    return -1;
  }

  #sayAlike(left: readonly Scalar[], right: readonly Scalar[]): boolean {
    return left.length === right.length && left.every((value, index) => this.#alike(value, right[index]));
  }

  #alike(left: Scalar, right: Scalar | undefined): boolean {
    if (left === right) return true;
    if (typeof left !== 'string' || typeof right !== 'string') return false;
    return this.#ids.accepts(left, right) || (isRevision(left) && isRevision(right));
  }

  #pair(left: TraceRecord, right: TraceRecord): void {
    this.#rightOf.set(left.seq, right);
    this.#leftOf.set(right.seq, left);
    this.#plan(left, right);
    const subject = sameSubject(left.subject, right.subject, this.#ids);
    const actor = this.#roles(left.actor) === right.actor;
    if (sameData(left, right, this.#ids) && subject && actor) this.#same.add(left.seq);
  }

  #leftKey(event: TraceRecord): string {
    return this.#key(event, this.#roles(event.actor));
  }

  #rightKey(event: TraceRecord): string {
    return this.#key(event, event.actor);
  }

  #key({ kind, name, subject, data }: TraceRecord, actor: string): string {
    // A call to the API server is about a resource first of all.
    const resource = kind === 'call' && name.startsWith('api.') ? `\n${data[0]}` : '';
    return `${kind}\n${name}\n${this.#anywhere ? actor.replace(NODE, '') : actor}\n${subject === undefined ? '' : this.#role(subject)}${resource}`;
  }

  #role(subject: string): string {
    let role = this.#subjects.get(subject);
    if (role === undefined) {
      role = roleName(subject);
      this.#subjects.set(subject, role);
    }
    return role;
  }
}

function takeFirst(
  bucket: TraceRecord[] | undefined,
  isFree: (event: TraceRecord) => boolean,
  mayBe: (event: TraceRecord) => boolean,
): TraceRecord | undefined {
  if (!bucket) return undefined;
  while (bucket[0] && !isFree(bucket[0])) bucket.shift();
  const at = bucket.slice(0, LOOK_AHEAD).findIndex((event) => isFree(event) && mayBe(event));
  return at < 0 ? undefined : bucket.splice(at, 1)[0];
}

function grouped(events: readonly TraceRecord[], keyOf: (event: TraceRecord) => string): Map<string, TraceRecord[]> {
  const groups = new Map<string, TraceRecord[]>();
  for (const event of events) {
    const key = keyOf(event);
    const group = groups.get(key);
    if (group) group.push(event);
    else groups.set(key, [event]);
  }
  return groups;
}
