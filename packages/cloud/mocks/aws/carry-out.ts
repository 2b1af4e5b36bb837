import { type Micros, type Process, sleep } from '@slipway/kernel';
import type { Region } from './region.ts';

/**
 * Carries out an order after a while. What the cloud has taken on it does, even if its API goes down meanwhile and comes back with its
 * books: otherwise a disk would be `detaching` for ever.
 */
export function* carryOut(region: Region, delay: Micros, work: () => void): Process {
  const due = region.now() + delay;
  try {
    yield* sleep(delay);
  } finally {
    const rest = due - region.now();
    if (rest > 0) yield* sleep(rest);
    work();
  }
}
