import type { Node } from '@slipway/kube';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Lab } from '../testing/lab.ts';

/** Gives nodes their ranges, one after the other. */
function given(...ranges: readonly string[]): Lab {
  const lab = new Lab(['CPI-04']);
  for (const [index, podCIDR] of ranges.entries()) {
    const node: Node = { apiVersion: 'v1', kind: 'Node', metadata: { name: `node-${index}` }, spec: { podCIDR, podCIDRs: [podCIDR] } };
    lab.run(lab.as('kubectl').nodes.create(node));
  }
  return lab;
}

describe('CPI-04 disjoint-ranges', () => {
  test('ranges side by side are silent, also one that came free', () => {
    const lab = given('10.244.0.0/24', '10.244.1.0/24', '10.245.0.0/16', 'fd00::/64', 'fd00:0:0:1::/64');
    lab.run(lab.as('kubectl').nodes.delete({ name: 'node-0' }));
    lab.run(
      lab.as('kubectl').nodes.create({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'new' }, spec: { podCIDR: '10.244.0.0/24' } }),
    );
    expect(lab.violations).toEqual([]);
  });

  test('the same range for two nodes is reported with both', () => {
    expect(given('10.244.0.0/24', '10.244.0.0/24').violations).toMatchObject([
      {
        id: 'CPI-04',
        message: 'node-1 was given the pod range 10.244.0.0/24, which overlaps that of node-0',
        objects: ['Node node-1', 'Node node-0'],
      },
    ]);
  });

  test('among disjoint ranges of any size and order, one that lies within another or around it is found', () => {
    const block = fc.record({ index: fc.integer({ min: 0, max: 255 }), prefix: fc.integer({ min: 18, max: 28 }) });
    const blocks = fc.uniqueArray(block, { selector: ({ index }) => index, minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(blocks, fc.nat(), fc.boolean(), (list, pick, around) => {
        // Blocks of /16, of which each range is a part.
        const ranges = list.map(({ index, prefix }) => `10.${index}.0.0/${prefix}`);
        expect(given(...ranges).violations).toEqual([]);
        const { index } = list[pick % list.length] as { readonly index: number };
        expect(given(...ranges, around ? `10.${index}.0.0/17` : `10.${index}.0.0/30`).broken).toEqual(['CPI-04']);
      }),
      { numRuns: 40 },
    );
  });
});
