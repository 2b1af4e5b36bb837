import { type Micros, minutes, seconds, type TraceRecord } from '@slipway/kernel';
import type { Check, Watched } from '../invariant.ts';

/** Age of what a client of the API goes by while nothing is wrong. */
const USUAL: Micros = seconds(1);
/** So long after the last fault on calls of the API a client's view may still be an old one. */
const RECOVERY: Micros = minutes(10);

/**
 * How old the state may be that clients of the API decide on, by the faults that struck. A decision on an old state is legal, so whoever
 * judges one asks here how far back the state lies that it may have been made on.
 */
export class Staleness implements Check {
  readonly #world: Watched;
  /** Names of faults that are set on calls of the API. */
  readonly #set = new Set<string>();
  /** Restarts by the name of the part, and the event of the last one. */
  readonly #ends = new Map<string, { readonly count: number; readonly seq: number }>();
  /** What is wrong with each machine itself, and when that last changed. */
  readonly #machines = new Map<string, { readonly wrong: Set<string>; at: Micros }>();
  #last: Micros | undefined;
  #lastAny: Micros = 0;
  #any = 0;

  constructor(world: Watched) {
    this.#world = world;
  }

  trace(record: TraceRecord): void {
    if (record.kind !== 'fault' || record.data[0] === 'breach') return;
    const { name, subject = '', at } = record;
    this.#lastAny = at;
    if (name === 'fault/down') {
      this.#ends.set(subject, { count: (this.#ends.get(subject)?.count ?? 0) + 1, seq: record.seq });
      if (subject === 'kube-apiserver') this.#last = at;
    } else if (name === 'fault/heal') {
      this.#any -= 1;
      if (this.#set.delete(subject)) this.#last = at;
      this.#machine(String(record.data[0]), subject, at, false);
    } else if (name === 'fault/set' || name === 'fault/partition') {
      this.#any += 1;
      this.#machine(String(record.data[0]), subject, at, true);
      if (name === 'fault/set' && /^(api|\*)/.test(String(record.data[0]))) {
        this.#set.add(subject);
        this.#last = at;
      }
    } else if (name.startsWith('api.')) this.#last = at;
  }

  /** The earliest time whose state a decision made at a time may rest on: 0 while faults are about. */
  seenSince(decided: Micros): Micros {
    if (this.#set.size > 0 || (this.#last !== undefined && decided - this.#last < RECOVERY)) return 0;
    return Math.max(0, decided - USUAL);
  }

  /**
   * How often a part or a machine had been ended by then: what it held in memory before is gone.
   *
   * @param seq a trace event; left out: now
   */
  endsOf(part: string, seq: number = Number.POSITIVE_INFINITY): number {
    const ends = this.#ends.get(part);
    if (!ends) return 0;
    return seq < ends.seq ? ends.count - 1 : ends.count;
  }

  /** Whether a machine stood still, or had a wrong clock or too little of something, at any time since then. */
  wasStrange(node: string, since: Micros): boolean {
    const machine = this.#machines.get(node);
    return machine !== undefined && (machine.wrong.size > 0 || machine.at >= since);
  }

  /** Faults of machines say their node first: `node-1: stands still`. */
  #machine(text: string, fault: string, at: Micros, isSet: boolean): void {
    const colon = text.indexOf(': ');
    if (colon < 0 || text.slice(0, colon).includes(' ')) return;
    const node = text.slice(0, colon);
    const machine = this.#machines.get(node) ?? { wrong: new Set<string>(), at };
    this.#machines.set(node, machine);
    machine.at = at;
    if (isSet) machine.wrong.add(fault);
    else machine.wrong.delete(fault);
  }

  /** For how long nothing has gone wrong; 0 while a fault is set. */
  get quietFor(): Micros {
    return this.#any > 0 ? 0 : this.#world.kernel.now - this.#lastAny;
  }
}
