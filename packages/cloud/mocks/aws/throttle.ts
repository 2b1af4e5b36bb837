import type { Micros } from '@slipway/kernel';
import { CloudError } from '../../errors.ts';

/** How many calls of one action a cloud takes at once, and how many a second it takes for ever. */
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

const SECOND = 1_000_000;

interface Bucket {
  /** In millionths, so that sums stay whole. */
  tokens: number;
  filledAt: Micros;
}

/** Token buckets, one for each action. Source: Amazon EC2 Developer Guide, "Request throttling for the Amazon EC2 API". */
export class Throttle {
  readonly #now: () => Micros;
  readonly #buckets = new Map<string, Bucket>();

  constructor(now: () => Micros) {
    this.#now = now;
  }

  /** @throws CloudError RequestLimitExceeded */
  take(action: string, { burst, perSecond }: Rate): void {
    const now = this.#now();
    const bucket = this.#buckets.get(action) ?? { tokens: burst * SECOND, filledAt: now };
    this.#buckets.set(action, bucket);
    bucket.tokens = Math.min(burst * SECOND, bucket.tokens + (now - bucket.filledAt) * perSecond);
    bucket.filledAt = now;
    if (bucket.tokens < SECOND) throw new CloudError('RequestLimitExceeded', 'Request limit exceeded.');
    bucket.tokens -= SECOND;
  }
}
