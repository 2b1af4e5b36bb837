import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { afterEnds, NO_FAILURES, remaining } from './back-off.ts';
import { firstPending, formatIndexes, parseIndexes } from './indexes.ts';
import { matchSuccessPolicy } from './success-policy.ts';

describe('index sets', () => {
  it.each([
    ['', []],
    ['1', [1]],
    ['1,2', [1, 2]],
    ['1-3', [1, 2, 3]],
    ['0,2-4,6,8,9', [0, 2, 3, 4, 6, 8, 9]],
  ])('%j', (text, indexes) => {
    expect(formatIndexes(new Set(indexes))).toBe(text);
    expect([...parseIndexes(text, 10)]).toEqual(indexes);
  });

  it('read back what was written; what is not below the number of completions is dropped', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(50)), fc.integer({ min: 1, max: 60 }), (indexes, completions) => {
        const kept = indexes.filter((index) => index < completions).sort((a, b) => a - b);
        expect([...parseIndexes(formatIndexes(new Set(indexes)), completions)]).toEqual(kept);
      }),
    );
  });

  it('the first pending ones are the lowest that nobody has', () => {
    expect(firstPending(3, 6, (index) => index === 0 || index === 2)).toEqual([1, 3, 4]);
    expect(firstPending(3, 3, (index) => index === 0)).toEqual([1, 2]);
  });
});

describe('back-off of failed pods', () => {
  const second = 1_000_000;
  it('10 s after the first failure, doubling up to 10 min, none after a success', () => {
    const waits = [1, 2, 3, 6, 7, 8, 50].map((failures) => remaining({ failures, lastFailure: 100 * second }, 100 * second) / second);
    expect(waits).toEqual([10, 20, 40, 320, 600, 600, 600]);
    expect(remaining({ failures: 1, lastFailure: 100 * second }, 107 * second)).toBe(3 * second);
    expect(remaining({ failures: 1, lastFailure: 100 * second }, 500 * second)).toBe(0);
    expect(remaining(NO_FAILURES, 0)).toBe(0);
  });

  it('counts failures since the last success', () => {
    const three = afterEnds(NO_FAILURES, [], [10, 30, 20]);
    expect(three).toEqual({ failures: 3, lastFailure: 30 });
    expect(afterEnds(three, [], [])).toBe(three);
    expect(afterEnds(three, [40], [50, 35])).toEqual({ failures: 1, lastFailure: 50 });
    expect(afterEnds(three, [60], [50])).toEqual(NO_FAILURES);
  });
});

describe('success policy', () => {
  it('the first rule whose indexes, or enough of them, have succeeded', () => {
    const rules = [{ succeededIndexes: '0', succeededCount: 1 }, { succeededIndexes: '1-3', succeededCount: 2 }, { succeededCount: 4 }];
    const match = (...indexes: number[]) => matchSuccessPolicy({ rules }, 10, new Set(indexes));
    expect(match(1)).toBeUndefined();
    expect(match(0)).toBe('Matched rules at index 0');
    expect(match(1, 3)).toBe('Matched rules at index 1');
    expect(match(5, 6, 7, 8)).toBe('Matched rules at index 2');
  });
});
