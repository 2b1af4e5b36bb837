import { type Micros, type Process, sleep } from '@slipway/kernel';

/** How often and for how long to ask: at once, then after pauses that grow. */
export interface Patience {
  readonly first: Micros;
  /** By how much a pause is longer than the one before, in thousandths. */
  readonly growthThousandths: number;
  /** Left out: there is none. */
  readonly longest?: Micros;
  readonly times: number;
}

/** Asks until there is an answer; undefined: it never came. */
export function* polled<T>(
  { first, growthThousandths, longest = Infinity, times }: Patience,
  ask: () => Process<T | undefined>,
): Process<T | undefined> {
  let pause = first;
  for (let time = 1; ; time += 1) {
    const answer = yield* ask();
    if (answer !== undefined || time === times) return answer;
    yield* sleep(Math.min(pause, longest));
    pause = Math.round((pause * growthThousandths) / 1_000);
  }
}
