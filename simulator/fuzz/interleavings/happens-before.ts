import type { EventFootprint } from '@slipway/kernel';

/** Two events of one run that touch the same thing, and that nothing but chance has ordered. */
export interface Race {
  /** Places in the run. */
  readonly earlier: number;
  readonly later: number;
  /** Ids of those that could go in place of the earlier one, so that the later one comes before it. */
  readonly instead: readonly number[];
}

/** Which events of a run had to come before which: since one made the other ready, or since both touch a thing that one of them changes. */
export class HappensBefore {
  readonly #events: readonly EventFootprint[];
  /** By place in the run: the places of those that had to come before, of the same stretch. */
  readonly #before: ReadonlySet<number>[] = [];
  /** By place in the run: the nearest ones that conflict with it and did not make it ready. */
  readonly #rivals: number[][] = [];
  /** By place in the run: where its stretch begins. */
  readonly #begins: number[] = [];

  /** @param since place of the first event whose order is in question */
  constructor(events: readonly EventFootprint[], since = 0) {
    this.#events = events;
    let begin = 0;
    for (const [place, event] of events.entries()) {
      if (place <= since || event.stretch !== events[begin]?.stretch) begin = place;
      this.#begins.push(begin);
      const before = new Set<number>();
      const rivals: number[] = [];
      for (let other = place - 1; other >= begin; other--) {
        if (before.has(other)) continue;
        const made = (events[other] as EventFootprint).id === event.by;
        if (!made && !conflict(events[other] as EventFootprint, event)) continue;
        if (!made) rivals.push(other);
        before.add(other);
        for (const earlier of this.#before[other] ?? []) before.add(earlier);
      }
      this.#before.push(before);
      this.#rivals.push(rivals);
    }
  }

  /** True if nothing from `since` on had to come before the event at `place`: it could have gone there. */
  isFree(place: number, since: number): boolean {
    if ((this.#begins[place] as number) > since) return false;
    for (const other of this.#before[place] as ReadonlySet<number>) if (other >= since) return false;
    return true;
  }

  /** Races that the event at this place has lost. */
  races(later: number): Race[] {
    return (this.#rivals[later] ?? []).map((earlier) => ({ earlier, later, instead: this.#instead(earlier, later) }));
  }

  /** Of those after the earlier one that need not come after it, the later one included: those that none of the others had to precede. */
  #instead(earlier: number, later: number): number[] {
    const moved: number[] = [];
    const first: number[] = [];
    for (let place = earlier + 1; place <= later; place++) {
      const before = this.#before[place] as ReadonlySet<number>;
      if (place < later && before.has(earlier)) continue;
      if (!moved.some((other) => before.has(other))) first.push((this.#events[place] as EventFootprint).id);
      moved.push(place);
    }
    return first;
  }
}

/** True if the order of the two can matter. */
export function conflict(a: EventFootprint, b: EventFootprint): boolean {
  return a.everything || b.everything || changes(a, b) || changes(b, a);
}

function changes(a: EventFootprint, b: EventFootprint): boolean {
  for (const thing of a.writes) if (b.reads.has(thing) || b.writes.has(thing)) return true;
  return false;
}
