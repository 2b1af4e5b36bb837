import type { Search } from '../../fuzz/index.ts';
import type { Job } from './messages.ts';
import type { Pool } from './pool.ts';

export interface ExploreOptions {
  readonly pool: Pool;
  readonly search: Search;
  /** The case of a number. */
  readonly jobOf: (index: number) => Job;
  /** No further case begins when this says so. */
  readonly isOver: () => boolean;
  readonly onProgress: () => void;
}

/** Tries cases in the order of their numbers until the search has enough, or time is up. */
export async function explore({ pool, search, jobOf, isOver, onProgress }: ExploreOptions): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (!isOver() && search.wants(next)) {
      const job = jobOf(next);
      next += 1;
      search.add(await pool.try(job));
      onProgress();
    }
  };
  await Promise.all(Array.from({ length: pool.size }, lane));
}
