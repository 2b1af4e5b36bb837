import type { Deployment, ReplicaSet, Stored } from '@slipway/kube';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { budgetOf, newSizeWhileRolling, scaleProportionally, shrinkOld, sizeOf } from './rollout.ts';

interface Sizes {
  readonly size: number;
  readonly available?: number;
}

const deployment = (replicas: number, rollingUpdate = {}): Deployment =>
  ({ metadata: { name: 'web' }, spec: { replicas, strategy: { type: 'RollingUpdate', rollingUpdate } } }) as unknown as Deployment;

const set = (name: string, { size, available = size }: Sizes, age = 0): Stored<ReplicaSet> =>
  ({
    metadata: { name, creationTimestamp: `2026-01-01T00:00:0${age}Z` },
    spec: { replicas: size },
    status: { replicas: size, availableReplicas: available },
  }) as unknown as Stored<ReplicaSet>;

describe('budget', () => {
  it.each([
    [1, 1, 0],
    [2, 1, 0],
    [3, 1, 0],
    [4, 1, 1],
    [5, 2, 1],
    [7, 2, 1],
    [10, 3, 2],
    [11, 3, 2],
    [100, 25, 25],
  ])('%i replicas at 25%% and 25%%: surge %i, unavailable %i', (replicas, surge, unavailable) => {
    expect(budgetOf(deployment(replicas))).toEqual({ surge, unavailable });
  });

  it('never both 0, never more unavailable than there are', () => {
    expect(budgetOf(deployment(10, { maxSurge: 0, maxUnavailable: 0 }))).toEqual({ surge: 0, unavailable: 1 });
    expect(budgetOf(deployment(3, { maxSurge: '1%', maxUnavailable: 8 }))).toEqual({ surge: 1, unavailable: 3 });
  });
});

describe('one step of a rollout', () => {
  it('walkthrough (c): up to the surge, one old down, up again, stall', () => {
    const four = deployment(4);
    const old = set('old', { size: 4 });
    expect(newSizeWhileRolling(four, set('new', { size: 0 }), [old])).toBe(1);
    const first = set('new', { size: 1, available: 0 }, 1);
    expect(newSizeWhileRolling(four, first, [old, first])).toBeUndefined();
    expect(shrinkOld(four, first, [old])).toEqual([{ set: old, to: 3 }]);
    const fewer = set('old', { size: 3 });
    expect(newSizeWhileRolling(four, first, [fewer, first])).toBe(2);
    expect(shrinkOld(four, set('new', { size: 2, available: 0 }, 1), [fewer])).toEqual([]);
  });

  it('takes pods that are not available first, from the oldest set on', () => {
    const sick = set('sick', { size: 3, available: 1 }, 1);
    const old = set('old', { size: 5 }, 0);
    // 10 wanted, at least 8 available: 8 of 13 may not go while 5 new ones are not available.
    expect(shrinkOld(deployment(10), set('new', { size: 5, available: 2 }, 2), [sick, old])).toEqual([{ set: sick, to: 1 }]);
    expect(shrinkOld(deployment(10), set('new', { size: 5, available: 5 }, 2), [sick, old])).toEqual([
      { set: sick, to: 1 },
      { set: old, to: 2 },
    ]);
  });

  it('keeps the total within the surge and enough pods available, from any state within the budget', () => {
    const state = fc.record({
      replicas: fc.integer({ min: 0, max: 40 }),
      surge: fc.integer({ min: 0, max: 10 }),
      unavailable: fc.integer({ min: 0, max: 10 }),
      old: fc.array(fc.record({ size: fc.nat(20), sick: fc.nat(20) }), { maxLength: 3 }),
      size: fc.nat(20),
      sick: fc.nat(20),
    });
    fc.assert(
      fc.property(state, ({ replicas, surge, unavailable, old, size, sick }) => {
        const wanted = deployment(replicas, { maxSurge: surge, maxUnavailable: unavailable });
        const budget = budgetOf(wanted);
        const sets = old.map((each, age) => set(`old-${age}`, { size: each.size, available: Math.max(0, each.size - each.sick) }, age));
        const current = set('new', { size, available: Math.max(0, size - sick) }, 9);
        const total = [...sets, current].reduce((sum, each) => sum + sizeOf(each), 0);
        const grown = newSizeWhileRolling(wanted, current, [...sets, current]);
        if (grown !== undefined && grown > size) {
          expect(grown).toBeLessThanOrEqual(replicas);
          expect(total - size + grown).toBeLessThanOrEqual(replicas + budget.surge);
        }
        const available = [...sets, current].reduce((sum, { status }) => sum + (status?.availableReplicas ?? 0), 0);
        const steps = shrinkOld(wanted, current, sets);
        // The set's controller deletes pods that are not available before those that are.
        const lost = steps.reduce((sum, step) => sum + Math.max(0, (step.set.status?.availableReplicas ?? 0) - step.to), 0);
        if (lost > 0) expect(available - lost).toBeGreaterThanOrEqual(replicas - budget.unavailable);
        for (const step of steps) expect(step.to).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe('proportional scaling', () => {
  const shares = (replicas: number, sizes: readonly number[], oldMaximum: number): readonly number[] => {
    const sets = sizes.map((size, age) => set(`rs-${age}`, { size }, age));
    const after = new Map(scaleProportionally(deployment(replicas), sets, () => oldMaximum).map(({ set: each, to }) => [each, to]));
    return sets.map((each) => (after.get(each) ?? 0) - sizeOf(each));
  };

  it('behaviour §1: 8 and 5 of 13 grow by 6 and 4 for 23, shrink by 4 and 2 for 7', () => {
    expect(shares(18, [8, 5], 13)).toEqual([6, 4]);
    expect(shares(5, [8, 5], 13)).toEqual([-4, -2]);
  });

  it('to 0 takes everything', () => {
    expect(shares(0, [8, 5], 13)).toEqual([-8, -5]);
  });

  it('always ends at the allowed total, or as near as sizes of at least 0 let it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 2, maxLength: 4 }),
        (replicas, sizes) => {
          const before = sizes.reduce((sum, size) => sum + size, 0);
          const allowed = replicas + budgetOf(deployment(replicas)).surge;
          const after = shares(replicas, sizes, before).map((share, at) => share + (sizes[at] ?? 0));
          expect(after.every((size) => size >= 0)).toBe(true);
          expect(after.reduce((sum, size) => sum + size, 0)).toBe(allowed);
        },
      ),
    );
  });
});
