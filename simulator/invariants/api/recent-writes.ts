import type { CommittedWrite } from '../../apiserver/index.ts';

/** Watches are opened within moments of the list that they go on from. */
const KEPT = 1024;

/** The newest writes of one resource, to know what a watch from an earlier revision must begin with. */
export class RecentWrites {
  #writes: CommittedWrite[] = [];
  #dropped: number;

  /** @param since revision after which all writes of the resource are going to be added */
  constructor(since: number) {
    this.#dropped = since;
  }

  add(write: CommittedWrite): void {
    this.#writes.push(write);
    if (this.#writes.length < 2 * KEPT) return;
    this.#dropped = this.#writes[KEPT - 1]?.revision ?? this.#dropped;
    this.#writes = this.#writes.slice(KEPT);
  }

  /** Writes after a revision, oldest first; undefined when they are not all known. */
  after(revision: number): readonly CommittedWrite[] | undefined {
    if (revision < this.#dropped) return undefined;
    let first = this.#writes.length;
    while (first > 0 && (this.#writes[first - 1]?.revision ?? 0) > revision) first -= 1;
    return this.#writes.slice(first);
  }
}
