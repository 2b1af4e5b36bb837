import { addCounts, type Counts } from './counts.ts';
import { EXPECTATION, type Finding, type Trial } from './trial.ts';
import { REPLAY } from './try-twice.ts';

/** Which case of which story was tried. */
export interface Attempted {
  /** Counts from 0. */
  readonly index: number;
  readonly story: number;
  readonly seed: number;
  readonly trial: Trial;
}

/** A failing case, before it is made small. */
export interface Found {
  readonly story: number;
  readonly seed: number;
  readonly finding: Finding;
  /** How many cases had been tried when it was found, this one among them. */
  readonly runs: number;
}

export interface SearchOptions {
  /** How many cases at most. */
  readonly runs: number;
  /** To the end, however many fail. */
  readonly goOn: boolean;
  /** Is told of each case that counts, in the order of their numbers. */
  readonly onTaken?: (attempted: Attempted) => void;
}

/** After a failure the search goes on for as many cases again, and at least for so many, to see whether other invariants break too. */
const LOOK_ON = 20;

/**
 * Gathers what cases came to, in the order of their numbers, and says when it is enough. Fed in any order, from any number of threads, it
 * comes to the same.
 */
export class Search {
  readonly found: Found[] = [];
  readonly preconditions: Counts = new Map();
  readonly fired: Counts = new Map();
  readonly situations: Counts = new Map();
  readonly outcomes: Counts = new Map();
  /** How many cases failed, by invariant. */
  readonly failing: Counts = new Map();
  runs = 0;
  events = 0;
  /** Virtual microseconds, of all cases. */
  virtual = 0;
  readonly #waiting = new Map<number, Attempted>();
  readonly #goOn: boolean;
  readonly #onTaken: ((attempted: Attempted) => void) | undefined;
  #end = Number.POSITIVE_INFINITY;

  constructor({ runs, goOn, onTaken }: SearchOptions) {
    this.#end = runs;
    this.#goOn = goOn;
    this.#onTaken = onTaken;
  }

  /** Whether a case of this number is still wanted. */
  wants(index: number): boolean {
    return index < this.#end;
  }

  get done(): boolean {
    return this.runs >= this.#end;
  }

  /** What the stories came to as they were written. Where an invariant breaks already, the search only looks whether others do too. */
  takePlain(story: number, { findings, preconditions }: Trial, seed: number): void {
    addCounts(this.preconditions, new Map([[REPLAY, preconditions.get(REPLAY) ?? 0]]));
    for (const finding of findings) {
      if (this.found.some((one) => one.finding.invariant === finding.invariant)) continue;
      this.found.push({ story, seed, finding, runs: 0 });
      if (!this.#goOn && finding.invariant !== EXPECTATION) this.#end = Math.min(this.#end, LOOK_ON);
    }
  }

  add(attempted: Attempted): void {
    this.#waiting.set(attempted.index, attempted);
    for (let next = this.#waiting.get(this.runs); next && !this.done; next = this.#waiting.get(this.runs)) {
      this.#waiting.delete(next.index);
      this.#take(next);
    }
  }

  #take(attempted: Attempted): void {
    const { story, seed, trial } = attempted;
    this.#onTaken?.(attempted);
    this.runs += 1;
    this.events += trial.events;
    this.virtual += trial.end;
    addCounts(this.preconditions, trial.preconditions);
    addCounts(this.fired, trial.fired);
    addCounts(this.situations, trial.situations);
    addCounts(this.outcomes, trial.outcomes);
    for (const finding of trial.findings) {
      const { invariant } = finding;
      const before = this.failing.get(invariant) ?? 0;
      this.failing.set(invariant, before + 1);
      if (before > 0 || this.found.some((one) => one.finding.invariant === invariant)) continue;
      this.found.push({ story, seed, finding, runs: this.runs });
      if (!this.#goOn && this.#isFirst()) this.#end = Math.min(this.#end, Math.max(2 * this.runs, this.runs + LOOK_ON));
    }
  }

  /** Whether the newest failure is the only one that is no expectation of a story as it was written. */
  #isFirst(): boolean {
    return (
      this.found.filter(({ runs }) => runs > 0).length === 1 &&
      this.found.every(({ runs, finding }) => runs > 0 || finding.invariant === EXPECTATION)
    );
  }
}
