import type { EventFootprint } from '@slipway/kernel';
import type { HappensBefore } from './happens-before.ts';

/** Who was ready at one event of the path, and who is to be tried. */
interface Node {
  /** Ids, in order of arrival. */
  readonly ready: readonly number[];
  /** Number of the choice point, where it is one. */
  readonly point: number | undefined;
  chosen: number;
  /** To be tried, those that were tried included. */
  readonly wanted: Set<number>;
  /** Tried, or known to lead to nothing new. */
  readonly done: Set<number>;
  /** How many were run. */
  tried: number;
}

/** The run that is searched at the moment, as the chain of its choices: what has been tried at each, and what still has to be. */
export class SearchPath {
  /** Orders that were left out since they could make no difference. */
  pruned = 0;
  /** True once something that could make a difference was not tried, since it lay too deep. */
  cutOff = false;
  readonly #from: number;
  readonly #end: number;
  readonly #prune: boolean;
  #nodes: Node[] = [];

  /** @param options which choice points are searched, and whether only where it makes a difference */
  constructor({ from, depth, prune }: { readonly from: number; readonly depth: number; readonly prune: boolean }) {
    this.#from = from;
    this.#end = from + depth;
    this.#prune = prune;
  }

  /** Place of the first event whose order is in question, be it that of a choice that lies too deep, or of one that nobody can make. */
  get firstInQuestion(): number {
    const first = this.#nodes.findIndex(({ point, ready }) => (point === undefined ? ready.length > 1 : point >= this.#from));
    return first < 0 ? this.#nodes.length : first;
  }

  /** The choices of the path that deviate from order of arrival. */
  picks(): Map<number, number> {
    const picks = new Map<number, number>();
    for (const { point, ready, chosen } of this.#nodes) {
      const index = ready.indexOf(chosen);
      if (point !== undefined && index > 0) picks.set(point, index);
    }
    return picks;
  }

  /** Goes on along a run that began as the path. Returns the place of the first event that is new. */
  follow(events: readonly EventFootprint[]): number {
    for (const [place, { ready, chosen }] of this.#nodes.entries()) {
      const event = events[place];
      if (event?.id === chosen && event.ready.length === ready.length && event.ready.every((id, index) => id === ready[index])) continue;
      throw new Error(
        `the story does not repeat: event ${place + 1} of a run differs from that of another with the same picks; run it with one seed, in a kernel of its own, with footprints and order: picks`,
      );
    }
    const added = Math.max(0, this.#nodes.length - 1);
    for (const { id, ready, point } of events.slice(this.#nodes.length)) {
      const node: Node = { ready, point, chosen: id, wanted: new Set([id]), done: new Set(), tried: 1 };
      this.#nodes.push(node);
      if (!this.#prune) for (const other of ready) this.#want(node, other);
    }
    return added;
  }

  /** Somebody lost a race to the event at this place: one of these has to go there instead. */
  race(place: number, instead: readonly number[]): void {
    const node = this.#nodes[place];
    if (!node || instead.some((id) => node.wanted.has(id))) return;
    const able = instead.filter((id) => node.ready.includes(id));
    // Whoever is not ready there has somebody before it who is.
    const [first] = able;
    if (first !== undefined) this.#want(node, first);
    else for (const id of node.ready) this.#want(node, id);
  }

  /**
   * Places of events, from `added` on, that were tried at an earlier choice and have nothing to do with what went before them since: from
   * there on, the run is one that was made.
   */
  covered(places: ReadonlyMap<number, number>, order: HappensBefore, added: number): ReadonlySet<number> {
    const covered = new Set<number>();
    for (const [since, node] of this.#nodes.entries()) {
      for (const id of node.done) {
        const place = places.get(id);
        if (place !== undefined && place > since && place >= added && order.isFree(place, since)) covered.add(place);
      }
    }
    return covered;
  }

  /** Leaves the run at this place, where it becomes one that was made; somebody else goes there, if there is anybody who is not `asleep`. */
  leaveAt(place: number, asleep: (id: number) => boolean): void {
    this.#nodes.length = place + 1;
    const node = this.#nodes[place] as Node;
    for (const id of node.ready) if (asleep(id)) node.done.add(id);
    const other = node.ready.find((id) => !node.done.has(id));
    if (other !== undefined) this.#want(node, other);
  }

  /** Turns to the last choice that is to be taken otherwise. False when there is none left. */
  advance(): boolean {
    for (;;) {
      const node = this.#nodes.at(-1);
      if (!node) return false;
      node.done.add(node.chosen);
      for (const id of node.wanted) {
        if (node.done.has(id)) continue;
        node.chosen = id;
        node.tried += 1;
        return true;
      }
      if (this.#isSearched(node)) this.pruned += node.ready.length - node.tried;
      this.#nodes.pop();
    }
  }

  #isSearched({ point }: Node): boolean {
    return point !== undefined && point >= this.#from && point < this.#end;
  }

  #want(node: Node, id: number): void {
    if (node.wanted.has(id)) return;
    if (this.#isSearched(node)) node.wanted.add(id);
    else if (node.point === undefined || node.point >= this.#end) this.cutOff = true;
  }
}
