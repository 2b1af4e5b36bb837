import { splitIds, type SplitText } from './generated-ids.ts';

/**
 * Which generated id of the left run is which of the right one: pods by their random ends, uids, containers, volumes. It is learnt from texts
 * that are known to say the same, and it is one to one: an id that already stands for another is a difference.
 */
export class Correspondence {
  readonly #rightOf = new Map<string, string>();
  readonly #leftOf = new Map<string, string>();
  readonly #split = new Map<string, SplitText>();

  /** Whether two texts can say the same, as far as is known. Learns nothing. */
  accepts(left: string, right: string): boolean {
    const a = this.split(left);
    const b = this.split(right);
    return a.shape === b.shape && a.ids.every((id, index) => this.#agree(id, b.ids[index] ?? ''));
  }

  /** The same, and remembers the ids of texts that do. */
  learn(left: string, right: string): boolean {
    if (!this.accepts(left, right)) return false;
    const { ids } = this.split(right);
    for (const [index, id] of this.split(left).ids.entries()) {
      const other = ids[index] ?? '';
      this.#rightOf.set(id, other);
      this.#leftOf.set(other, id);
    }
    return true;
  }

  /** Whether two texts differ in generated ids only, known or not. */
  isAboutIds(left: string, right: string): boolean {
    return this.split(left).shape === this.split(right).shape;
  }

  /** A text of the left run with the ids of the right one, where they are known. */
  translate(left: string): string {
    let text = left;
    for (const id of this.split(left).ids) text = text.replace(id, this.#rightOf.get(id) ?? id);
    return text;
  }

  split(text: string): SplitText {
    let known = this.#split.get(text);
    if (known === undefined) {
      known = splitIds(text);
      this.#split.set(text, known);
    }
    return known;
  }

  #agree(left: string, right: string): boolean {
    const known = this.#rightOf.get(left);
    return known === undefined ? !this.#leftOf.has(right) : known === right;
  }
}
