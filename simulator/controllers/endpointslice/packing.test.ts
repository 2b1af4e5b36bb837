import type { Endpoint } from '@slipway/kube';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_ENDPOINTS, type Packable, pack } from './packing.ts';

const endpoint = (id: number, ready = true): Endpoint => ({
  addresses: [`10.0.${id >> 8}.${id & 255}`],
  conditions: { ready, serving: ready, terminating: false },
  targetRef: { kind: 'Pod', name: `p${id}`, uid: `u${id}` },
});
const range = (from: number, to: number, ready = true): Endpoint[] =>
  Array.from({ length: to - from }, (_, at) => endpoint(from + at, ready));

/** The slices after the packing is carried out. */
function carriedOut(wanted: readonly Endpoint[], slices: readonly Packable[]): readonly Packable[] {
  const { update, create, remove } = pack(wanted, slices);
  const updated = new Map(update.map(({ slice, endpoints }) => [slice, { endpoints }]));
  return [
    ...slices.filter((slice) => !remove.includes(slice)).map((slice) => updated.get(slice) ?? slice),
    ...create.map((endpoints) => ({ endpoints })),
  ];
}

describe('packing of endpoints into slices', () => {
  it('any change ends with exactly what is wanted, none too full, none empty, and a second time nothing to do', () => {
    const pods = fc.uniqueArray(fc.nat(400), { maxLength: 350 });
    const before = fc.array(fc.uniqueArray(fc.nat(400), { maxLength: MAX_ENDPOINTS }), { maxLength: 4 });
    fc.assert(
      fc.property(pods, before, (wanted, slices) => {
        const seen = new Set<number>();
        const old = slices.map((ids) => ({ endpoints: ids.filter((id) => !seen.has(id) && seen.add(id)).map((id) => endpoint(id)) }));
        const target = wanted.map((id) => endpoint(id));
        const after = carriedOut(target, old);
        const byName = (a: Endpoint, b: Endpoint): number => ((a.targetRef?.name ?? '') < (b.targetRef?.name ?? '') ? -1 : 1);
        expect(after.flatMap(({ endpoints }) => endpoints).sort(byName)).toEqual([...target].sort(byName));
        for (const { endpoints } of after) expect(endpoints.length).toBeLessThanOrEqual(MAX_ENDPOINTS);
        for (const { endpoints } of after) expect(endpoints.length).toBeGreaterThan(0);
        expect(pack(target, after)).toEqual({ update: [], create: [], remove: [] });
      }),
      { numRuns: 60 },
    );
  });

  it('one pod that changes is one write', () => {
    const slices = [{ endpoints: range(0, 100) }, { endpoints: range(100, 150) }];
    const wanted = [...range(0, 40), endpoint(40, false), ...range(41, 150)];
    const { update, create, remove } = pack(wanted, slices);
    expect([update.length, create.length, remove.length]).toEqual([1, 0, 0]);
    expect(update[0]?.slice).toBe(slices[0]);
  });

  it('one more pod goes where one leaves; else into the slice that fits best; else into a new one', () => {
    const full = { endpoints: range(0, 100) };
    const half = { endpoints: range(100, 150) };
    const almost = { endpoints: range(150, 249) };
    const swapped = pack([...range(1, 100), endpoint(300)], [full]);
    expect([swapped.update.length, swapped.create.length]).toEqual([1, 0]);
    const fitting = pack([...range(0, 249), endpoint(300)], [full, half, almost]);
    expect(fitting.update.map(({ slice }) => slice)).toEqual([almost]);
    const fresh = pack([...range(0, 100), endpoint(300)], [full]);
    expect([fresh.update.length, fresh.create.map((each) => each.length)]).toEqual([0, [1]]);
  });
});
