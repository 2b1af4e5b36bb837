import fc from 'fast-check';
import type { Exploration, KernelOptions } from '@slipway/kernel';
import { objectOf } from './object-of.ts';

/** Which freedoms of order and time a run explores; none of them comes first when a failure is shrunk. */
export function arbitraryExploration(): fc.Arbitrary<Exploration> {
  return objectOf({ order: fc.boolean(), jitter: fc.boolean(), heavyTail: fc.boolean() }, {});
}

/** A seed of a world. */
export function arbitrarySeed(): fc.Arbitrary<number> {
  return fc.nat({ max: 0xffff_ffff });
}

/** Options of a kernel: any seed, any freedoms, with and without elision. A run must hold its properties under all of them. */
export function arbitraryKernelOptions(): fc.Arbitrary<KernelOptions> {
  return objectOf({ seed: arbitrarySeed(), explore: arbitraryExploration() }, { elide: fc.boolean() });
}
