import type { ObjectReference } from '@slipway/kube';

/** One event object and its repeats. */
export interface Series {
  readonly involved: ObjectReference;
  readonly type: string;
  readonly reason: string;
  /** Unix microseconds of the first one. */
  readonly first: number;
  count: number;
  /** Name of the event object, once written. */
  name: string | undefined;
}

/** What is to be written. */
export interface Sighting {
  readonly series: Series;
  readonly message: string;
  readonly count: number;
  /** Unix microseconds. */
  readonly at: number;
}

interface Similar {
  readonly messages: Set<string>;
  last: number;
}

interface Bucket {
  tokens: number;
  last: number;
}

// Source of all: client-go `tools/record/events_cache.go`.
const CACHE_ENTRIES = 4096;
const SIMILAR_LIMIT = 10;
const SIMILAR_WINDOW = 600_000_000;
const SPAM_BURST = 25;
const SPAM_REFILL = 300_000_000;

/**
 * Decides what becomes of a report. The same again: a higher count. More than 10 within 10 minutes that differ in their message only:
 * one event that stands for all. More than 25 of one source about one object, and more than one per 5 minutes after that: dropped.
 */
export class EventCorrelator {
  readonly #source: string;
  readonly #series = new Map<string, Series>();
  readonly #similar = new Map<string, Similar>();
  readonly #buckets = new Map<string, Bucket>();

  constructor(component: string, host: string | undefined) {
    this.#source = `${component}|${host ?? ''}`;
  }

  /** @returns what to write; undefined for what the spam filter drops. */
  see(involved: ObjectReference, type: string, reason: string, message: string, at: number): Sighting | undefined {
    const object = `${involved.kind}|${involved.namespace}|${involved.name}|${involved.uid}|${involved.fieldPath}`;
    if (!this.#admits(`${this.#source}|${object}|${type}`, at)) return undefined;

    const like = `${object}|${type}|${reason}`;
    const combined = this.#isFlood(like, message, at);
    const text = combined ? `(combined from similar events): ${message}` : message;
    const key = combined ? like : `${like}|${message}`;
    const known = this.#series.get(key);
    const series = known ?? { involved, type, reason, first: at, count: 0, name: undefined };
    series.count += 1;
    remember(this.#series, key, series);
    return { series, message: text, count: series.count, at };
  }

  #admits(key: string, at: number): boolean {
    const bucket = this.#buckets.get(key) ?? { tokens: SPAM_BURST, last: at };
    bucket.tokens = Math.min(SPAM_BURST, bucket.tokens + (at - bucket.last) / SPAM_REFILL);
    bucket.last = at;
    remember(this.#buckets, key, bucket);
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }

  #isFlood(key: string, message: string, at: number): boolean {
    const known = this.#similar.get(key);
    const similar = known && at - known.last <= SIMILAR_WINDOW ? known : { messages: new Set<string>(), last: at };
    similar.last = at;
    if (similar.messages.size < SIMILAR_LIMIT || similar.messages.has(message)) {
      similar.messages.add(message);
      remember(this.#similar, key, similar);
      return false;
    }
    remember(this.#similar, key, similar);
    return true;
  }
}

/** Keeps the entries that were used last. */
function remember<V>(cache: Map<string, V>, key: string, value: V): void {
  cache.delete(key);
  cache.set(key, value);
  if (cache.size <= CACHE_ENTRIES) return;
  for (const oldest of cache.keys()) {
    cache.delete(oldest);
    return;
  }
}
