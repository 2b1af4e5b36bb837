import type { Node } from '@slipway/kube';
import { describe, expect, it } from 'vitest';
import { secondsBetween, zoneState } from './zones.ts';

const nodes = (ready: number, unready: number): readonly Node[] => [
  ...Array.from({ length: ready }, () => ({ status: { conditions: [{ type: 'Ready', status: 'True' }] } }) as unknown as Node),
  ...Array.from({ length: unready }, () => ({ status: { conditions: [{ type: 'Ready', status: 'Unknown' }] } }) as unknown as Node),
];

describe('zones', () => {
  it.each([
    [3, 0, 'Normal'],
    [0, 1, 'FullDisruption'],
    [1, 2, 'Normal'],
    [2, 3, 'PartialDisruption'],
    [46, 54, 'Normal'],
    [45, 55, 'PartialDisruption'],
  ])('%i ready, %i not: %s', (ready, unready, state) => {
    expect(zoneState(nodes(ready, unready))).toBe(state);
  });

  it('the rate falls with disruption, to nothing where the zone is small', () => {
    expect(secondsBetween('Normal', 10)).toBe(10);
    expect(secondsBetween('FullDisruption', 10)).toBe(10);
    expect(secondsBetween('PartialDisruption', 50)).toBeUndefined();
    expect(secondsBetween('PartialDisruption', 51)).toBe(100);
  });
});
