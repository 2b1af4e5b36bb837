import { Cell } from '@slipway/kernel';

/** Something that moves when one of a few objects changes. */
export interface Following {
  readonly changed: Cell<number>;
  leave(): void;
}

/** Wakes those, and only those, who wait for a change of an object. Subjects are `plural/key`, for pods `pods/uid`. */
export class Followers {
  readonly #bySubject = new Map<string, Set<Cell<number>>>();

  follow(subjects: readonly string[]): Following {
    const changed = new Cell(0);
    for (const subject of subjects) {
      const cells = this.#bySubject.get(subject);
      if (cells) cells.add(changed);
      else this.#bySubject.set(subject, new Set([changed]));
    }
    const leave = (): void => {
      for (const subject of subjects) {
        const cells = this.#bySubject.get(subject);
        cells?.delete(changed);
        if (cells?.size === 0) this.#bySubject.delete(subject);
      }
    };
    return { changed, leave };
  }

  touch(plural: string, key: string): void {
    if (this.#bySubject.size === 0) return;
    for (const cell of this.#bySubject.get(`${plural}/${key}`) ?? []) cell.set(cell.value + 1);
  }
}
