import fc from 'fast-check';

/** The first is the simplest and the most likely: what fails is shrunk to it. */
export function usually<T>(usual: T, ...corners: readonly T[]): fc.Arbitrary<T> {
  return fc.constantFrom(...Array<T>(corners.length + 1).fill(usual), ...corners);
}

/** Off when simple, on once in so many. */
export function seldom(odds: number): fc.Arbitrary<boolean> {
  return fc.nat({ max: odds - 1 }).map((drawn) => drawn === odds - 1);
}

/** Any of a list that is known later only: the first when simple. */
export const pick: fc.Arbitrary<number> = fc.nat({ max: 5039 });

/** What a pick stands for. 5040 is divided by every length up to ten, so that all are as likely. */
export function picked<T>(list: readonly T[], drawn: number): T {
  if (list.length === 0) throw new RangeError('nothing to pick from');
  return list[drawn % list.length] as T;
}
