import { type Cidr, overlaps, parseCidr } from '@slipway/host';
import type { Node } from '@slipway/kube';
import type { Invariant } from '../invariant.ts';

interface NodeRange {
  readonly node: string;
  readonly range: Cidr;
}

/** Ranges in the order of their first addresses, of which no two overlap: then a new one can overlap its neighbours only. */
export const disjointRanges: Invariant = {
  id: 'CPI-04',
  name: 'disjoint-ranges',
  kind: 'S',
  holds: 'pod ranges of nodes never overlap, also after a failed write or a controller restart',
  watch: (_world, { violated, met }) => {
    const ranges: Record<4 | 6, NodeRange[]> = { 4: [], 6: [] };
    const take = (node: string, text: string): void => {
      const range = parseCidr(text);
      if (!range) return;
      met();
      const sorted = ranges[range.network.family];
      const place = placeOf(sorted, range.network.value);
      for (const neighbour of [sorted[place - 1], sorted[place]]) {
        if (!neighbour || neighbour.node === node || !overlaps(neighbour.range, range)) continue;
        violated(
          `${node} was given the pod range ${text}, which overlaps that of ${neighbour.node}`,
          `Node ${node}`,
          `Node ${neighbour.node}`,
        );
      }
      sorted.splice(place, 0, { node, range });
    };
    const free = (name: string, text: string): void => {
      const range = parseCidr(text);
      if (!range) return;
      const sorted = ranges[range.network.family];
      for (let at = placeOf(sorted, range.network.value); sorted[at]?.range.network.value === range.network.value; at += 1) {
        if (sorted[at]?.node !== name) continue;
        sorted.splice(at, 1);
        return;
      }
    };
    return {
      resources: ['nodes'],
      write({ type, object, old }) {
        const { name } = object.metadata;
        const [before, after] = [rangesOf(old as Node | undefined), type === 'DELETED' ? NONE : rangesOf(object as Node)];
        for (const text of before) if (!after.includes(text)) free(name, text);
        for (const text of after) if (!before.includes(text)) take(name, text);
      },
    };
  },
};

const NONE: readonly string[] = [];

const rangesOf = (node: Node | undefined): readonly string[] => node?.spec?.podCIDRs ?? (node?.spec?.podCIDR ? [node.spec.podCIDR] : NONE);

/** Index of the first range that begins at or after this address. */
function placeOf(sorted: readonly NodeRange[], start: bigint): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as NodeRange).range.network.value < start) low = middle + 1;
    else high = middle;
  }
  return low;
}
