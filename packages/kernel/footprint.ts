import type { Scheduled } from './event-queue.ts';
import type { Owner } from './owner.ts';

/** What one event read and wrote, and what else could have happened in its place. */
export interface EventFootprint {
  /** Counted from 1, in the order in which events became ready. */
  readonly id: number;
  /** Number of the choice point at which it was chosen. Left out: nothing else was ready. */
  readonly point?: number;
  /** Ids of all that were ready, in order of arrival; this one is among them. */
  readonly ready: readonly number[];
  /** Id of the event that made it ready. 0: time did, or code outside of the run. */
  readonly by: number;
  /** Only events of one stretch can change places: all that are ready are handled before time, or the tick of a grid, makes others ready. */
  readonly stretch: number;
  /** What it read; what it wrote. A thing is known by what it is: a cell, a task, the name of a domain. */
  readonly reads: ReadonlySet<unknown>;
  readonly writes: ReadonlySet<unknown>;
  /**
   * It may have touched anything, ended the run, or taken back an event that was ready: whatever else could have gone before it might
   * have seen something else.
   */
  readonly everything: boolean;
}

export interface FootprintOptions {
  /**
   * Name of the memory that processes of this owner work in, which others may share. Left out: what follows the last `/` of its name, as
   * of `kubelet/node-1`. `undefined`: nobody knows what they touch, so that their order to all others counts.
   */
  readonly domainOf?: (owner: Owner) => string | undefined;
}

interface Entry {
  id: number;
  point?: number;
  ready: readonly number[];
  by: number;
  stretch: number;
  reads: Set<unknown>;
  writes: Set<unknown>;
  everything: boolean;
}

/**
 * Whose footprint is written at the moment. Cells, mailboxes and streams belong to no kernel: who touches them is whoever runs, and only one event
 * runs at a time. Empty but while an event of a kernel runs that keeps footprints.
 */
const running: { log: FootprintLog | undefined } = { log: undefined };

/** The running event reads the thing. */
export function readThing(thing: unknown): void {
  if (running.log !== undefined) running.log.current?.reads.add(thing);
}

/** The running event changes the thing. */
export function writeThing(thing: unknown): void {
  if (running.log !== undefined) running.log.current?.writes.add(thing);
}

/** Footprints of all events of a run. */
export class FootprintLog {
  readonly events: Entry[] = [];
  current: Entry | undefined;
  readonly #domainOf: (owner: Owner) => string | undefined;
  readonly #domains = new Map<Owner, string | undefined>();
  #ready = new Map<Scheduled, { readonly id: number; readonly by: number }>();
  #ids = 0;
  #stretch = 0;
  #by = 0;

  constructor({ domainOf = lastPart }: FootprintOptions) {
    this.#domainOf = domainOf;
  }

  /** What is ready from now on was made so by time, or from outside. */
  begin(): void {
    this.#stretch += 1;
    this.#by = 0;
  }

  /** The event at this place is chosen. */
  take(ready: readonly Scheduled[], chosen: number, point: number | undefined): void {
    const known = this.#ready;
    this.#ready = new Map();
    const ids = ready.map((event) => {
      const entry = known.get(event) ?? { id: (this.#ids += 1), by: this.#by };
      known.delete(event);
      this.#ready.set(event, entry);
      return entry.id;
    });
    if (known.size > 0) this.everything();
    const event = ready[chosen] as Scheduled;
    const { id, by } = this.#ready.get(event) as { id: number; by: number };
    this.#ready.delete(event);
    this.#by = id;
    this.current = {
      id,
      ...(point === undefined ? {} : { point }),
      ready: ids,
      by,
      stretch: this.#stretch,
      reads: new Set(),
      writes: new Set([event]),
      everything: false,
    };
    this.events.push(this.current);
  }

  /** All that were ready are done. */
  drained(): void {
    if (this.#ready.size > 0) this.everything();
    this.#ready.clear();
  }

  /** Runs code whose touches count. */
  enter(): FootprintLog | undefined {
    const outer = running.log;
    running.log = this;
    return outer;
  }

  leave(outer: FootprintLog | undefined): void {
    running.log = outer;
  }

  /** The running event works in the memory of this owner. */
  domain(owner: Owner): void {
    const { current } = this;
    if (!current) return;
    if (!this.#domains.has(owner)) this.#domains.set(owner, this.#domainOf(owner));
    const domain = this.#domains.get(owner);
    if (domain === undefined) current.everything = true;
    else current.writes.add(`memory of ${domain}`);
  }

  /** Nothing is known of what the running event touches, or it ends the run. */
  everything(): void {
    if (this.current) this.current.everything = true;
  }
}

function lastPart({ name }: Owner): string {
  return name.slice(name.lastIndexOf('/') + 1);
}
