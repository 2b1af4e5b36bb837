import { Bench, type CniSubject } from './subject.ts';

/** So many addresses and no end: the pool is too large to be filled by a case. A node's usual range, a /24, is not. */
const MOST = 300;

export const noPool = { skipped: 'how many addresses the pool has is not known' };

/**
 * How many attachments the pool has addresses for: adds containers until ADD fails, on a subject that serves for nothing else afterwards.
 * Undefined if no ADD works, or if they never end.
 */
export async function capacityOf(subject: CniSubject): Promise<number | undefined> {
  const bench = new Bench(subject);
  for (let count = 0; count < MOST; count += 1) {
    try {
      await bench.add(bench.container());
    } catch {
      return count === 0 ? undefined : count;
    }
  }
  return undefined;
}
