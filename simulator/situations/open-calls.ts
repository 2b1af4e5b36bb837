import type { TraceRecord } from '@slipway/kernel';

/** What was asked for and is not answered, by a key of the caller's choice. A call that nobody will ever hear of again stays open. */
export class OpenCalls {
  readonly #open = new Map<string, Set<number>>();

  begin(key: string, { seq }: TraceRecord): void {
    const calls = this.#open.get(key);
    if (calls) calls.add(seq);
    else this.#open.set(key, new Set([seq]));
  }

  end(key: string, { seq }: TraceRecord): void {
    const calls = this.#open.get(key);
    if (calls?.delete(seq) && calls.size === 0) this.#open.delete(key);
  }

  has(key: string): boolean {
    return this.#open.has(key);
  }
}
