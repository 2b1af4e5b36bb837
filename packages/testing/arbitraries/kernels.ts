import fc from 'fast-check';
import type { Exploration, KernelOptions } from '@slipway/kernel';
import { objectOf } from './object-of.ts';

/** Which freedoms of order and time a run explores; none of them comes first when a failure is shrunk. */
export function arbitraryExploration(): fc.Arbitrary<Exploration> {
  const latencies = { jitter: fc.boolean(), heavyTail: fc.boolean() };
  return fc.oneof(
    objectOf(latencies, {}),
    objectOf({ ...latencies, order: fc.constant('random' as const) }, { until: arbitraryEnd() }),
    objectOf({ ...latencies, order: fc.constant('priority' as const), changes: fc.nat(5) }, { until: arbitraryEnd() }),
    objectOf({ ...latencies, order: fc.constant('picks' as const), picks: arbitraryPicks() }, {}),
  );
}

/** When the exploration is over: from at once to two minutes. */
function arbitraryEnd(): fc.Arbitrary<number> {
  return fc.nat(120_000_000);
}

/** Some choices of a run that are not the first to arrive; a choice that is not there in the run is none. */
function arbitraryPicks(): fc.Arbitrary<ReadonlyMap<number, number>> {
  return fc.array(fc.tuple(fc.nat(500), fc.integer({ min: 1, max: 4 })), { maxLength: 8 }).map((picks) => new Map(picks));
}

/** A seed of a world. */
export function arbitrarySeed(): fc.Arbitrary<number> {
  return fc.nat({ max: 0xffff_ffff });
}

/** Options of a kernel: any seed, any freedoms, with and without elision. A run must hold its properties under all of them. */
export function arbitraryKernelOptions(): fc.Arbitrary<KernelOptions> {
  return objectOf({ seed: arbitrarySeed(), explore: arbitraryExploration() }, { elide: fc.boolean() });
}
