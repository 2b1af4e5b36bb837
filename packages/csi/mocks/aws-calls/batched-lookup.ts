import { type Micros, milliseconds, Mutex, now, type Process, sleepUntil } from '@slipway/kernel';

/** Between two questions. Source: aws-ebs-csi-driver pkg/cloud/cloud.go, batchMaxDelay. */
const BETWEEN: Micros = milliseconds(500);

interface Batch<T> {
  readonly keys: Set<string>;
  /** Held until there is an answer. No cell, since whoever is woken by one goes on in the name of who set it. */
  readonly turn: Mutex;
  answer?: Answer<T>;
}

type Answer<T> = { readonly found: ReadonlyMap<string, T> } | { readonly error: unknown };

/**
 * Looks things up by key, many with one question: who asks within half a second of the last question waits, and all who wait are answered
 * by the next one. Upstream has everybody wait (aws-ebs-csi-driver pkg/batcher); here one who asks alone is answered at once.
 */
export class BatchedLookup<T> {
  readonly #ask: (keys: readonly string[]) => Process<readonly T[]>;
  readonly #keyOf: (thing: T) => string;
  readonly #isUnknown: (error: unknown) => boolean;
  readonly #most: number;
  #next: Batch<T> | undefined;
  #freeAt: Micros = 0;

  /** `most`: keys in one question. `isUnknown`: the whole question was refused since one of its keys means nothing. */
  constructor(options: {
    readonly most: number;
    readonly ask: (keys: readonly string[]) => Process<readonly T[]>;
    readonly keyOf: (thing: T) => string;
    readonly isUnknown: (error: unknown) => boolean;
  }) {
    this.#ask = options.ask;
    this.#keyOf = options.keyOf;
    this.#isUnknown = options.isUnknown;
    this.#most = options.most;
  }

  /** @returns undefined: there is no such thing @throws what the question throws */
  *find(key: string): Process<T | undefined> {
    const joined = this.#next;
    const batch: Batch<T> = joined ?? { keys: new Set(), turn: new Mutex('lookup') };
    batch.keys.add(key);
    if (batch.keys.size >= this.#most) this.#next = undefined;
    yield* batch.turn.hold(joined ? nothing() : this.#lead(batch));
    const { answer } = batch;
    if (answer && 'found' in answer) return answer.found.get(key);
    if (answer && !this.#isUnknown(answer.error)) throw answer.error;
    // One wrong key spoils the question for all; each asks for itself then.
    return answer && batch.keys.size === 1 ? undefined : yield* this.#alone(key);
  }

  /** Whoever comes first asks for all who come before it is time. */
  *#lead(batch: Batch<T>): Process {
    const at = yield* now();
    if (at < this.#freeAt) {
      if (batch.keys.size < this.#most) this.#next = batch;
      yield* sleepUntil(this.#freeAt);
      if (this.#next === batch) this.#next = undefined;
    }
    this.#freeAt = Math.max(at, this.#freeAt) + BETWEEN;
    try {
      const things = yield* this.#ask([...batch.keys].sort());
      batch.answer = { found: new Map(things.map((thing) => [this.#keyOf(thing), thing])) };
    } catch (error) {
      batch.answer = { error };
    }
  }

  *#alone(key: string): Process<T | undefined> {
    try {
      return (yield* this.#ask([key])).find((thing) => this.#keyOf(thing) === key);
    } catch (error) {
      if (this.#isUnknown(error)) return undefined;
      throw error;
    }
  }
}

/** For those whose question another one asks. */
function* nothing(): Process {}
