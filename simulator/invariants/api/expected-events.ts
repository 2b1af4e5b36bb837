/**
 * What one watch is still to hear, and what it has heard ahead of us: the store tells its watchers of a write before it tells observers.
 * Holds a revision or two at a time.
 */
export class ExpectedEvents {
  /** Revisions that it must hear next, in order. */
  readonly #due: number[];
  /** Revisions that it has heard and whose write has not been seen yet. */
  readonly #early: number[] = [];

  constructor(due: readonly number[]) {
    this.#due = [...due];
  }

  /** The oldest revision that it has not heard of. */
  get overdue(): number | undefined {
    return this.#due[0];
  }

  /** Something was committed that it must hear. */
  expect(revision: number): void {
    if (this.#early[0] === revision) this.#early.shift();
    else this.#due.push(revision);
  }

  /** It hears of a revision. @returns what is wrong with that */
  hear(revision: number): string | undefined {
    const due = this.#due;
    const [missed] = due;
    while (due[0] !== undefined && due[0] < revision) due.shift();
    if (due[0] === revision) due.shift();
    else this.#early.push(revision);
    return missed !== undefined && missed < revision ? `revision ${revision} before ${missed}` : undefined;
  }

  /** The write of this revision has been seen. @returns what it heard that was no later change, or not once */
  settle(): string | undefined {
    if (this.#early.length === 0) return undefined;
    const [surplus] = this.#early.splice(0);
    return `revision ${surplus}, which it has heard already or was not to hear`;
  }
}
