import type { Trial } from '../../fuzz/index.ts';

/** What a thread of workers is started with. */
export interface WorkerData {
  readonly paths: readonly string[];
  readonly set: readonly string[];
  readonly only: readonly string[];
}

/** One case to try. */
export interface Job {
  readonly index: number;
  readonly story: number;
  readonly seed: number;
}

/** What a worker says once it has loaded the stories: from now on it tries cases. */
export const READY = 'ready';

/** What a worker says: what became of a case, or why it cannot go on. */
export type Answer = { readonly job: Job; readonly trial: Trial } | { readonly job: Job; readonly error: string };
