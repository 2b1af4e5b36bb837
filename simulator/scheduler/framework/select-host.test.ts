import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hostOrder, selectHost } from './select-host.ts';

// Made by running upstream's expressions in Go (behaviour reference, section 12).
const golden: readonly (readonly [scores: readonly number[], winner: number, order: readonly number[]])[] = [
  [[5, 5, 5], 0, [0, 2, 1]],
  [[10, 20, 20], 1, [1, 2, 0]],
  [[7, 9, 9, 9], 1, [1, 3, 2, 0]],
  [[1, 1, 9, 9], 3, [3, 2, 1, 0]],
  [[1, 5, 5, 5, 9, 9, 9], 4, [4, 6, 5, 1, 3, 2, 0]],
  [[3, 3, 3, 3, 3, 3], 0, [0, 5, 4, 3, 2, 1]],
];

describe('selectHost', () => {
  test.each(golden)('%j: heap position breaks the tie as in Go', (scores, winner, order) => {
    expect(selectHost(scores)).toBe(winner);
    expect(hostOrder(scores)).toEqual(order);
  });

  test('any scores: the winner has the highest, and the order never rises', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 60 }), (scores) => {
        expect(scores[selectHost(scores)]).toBe(Math.max(...scores));
        const order = hostOrder(scores);
        expect(order[0]).toBe(selectHost(scores));
        expect([...order].sort((a, b) => a - b)).toEqual(scores.map((_, index) => index));
        const sorted = order.map((index) => scores[index] ?? 0);
        expect(sorted).toEqual([...sorted].sort((a, b) => b - a));
      }),
    );
  });
});
