import fc from 'fast-check';
import { expect, test } from 'vitest';
import { defaultNormalizeScore } from './normalize-score.ts';

test('defaultNormalizeScore: all zero stays zero, reversed becomes 100', () => {
  expect(defaultNormalizeScore([0, 0], false)).toEqual([0, 0]);
  expect(defaultNormalizeScore([0, 0], true)).toEqual([100, 100]);
});

test('defaultNormalizeScore: divisions truncate', () => {
  expect(defaultNormalizeScore([1, 2, 3], false)).toEqual([33, 66, 100]);
  expect(defaultNormalizeScore([1, 2, 3], true)).toEqual([67, 34, 0]);
});

test('defaultNormalizeScore: results lie in 0 to 100 and keep the order, or turn it round', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(10_000), { minLength: 1 }), fc.boolean(), (scores, reverse) => {
      const normalized = defaultNormalizeScore(scores, reverse);
      for (const [i, a] of scores.entries()) {
        expect(normalized[i]).toBeGreaterThanOrEqual(0);
        expect(normalized[i]).toBeLessThanOrEqual(100);
        for (const [j, b] of scores.entries()) {
          if (a < b) expect(Math.sign((normalized[j] ?? 0) - (normalized[i] ?? 0)) * (reverse ? -1 : 1)).toBeGreaterThanOrEqual(0);
        }
      }
    }),
  );
});
