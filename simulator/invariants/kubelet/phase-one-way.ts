import type { Pod } from '@slipway/kube';
import type { Invariant } from '../invariant.ts';
import { podTitle } from '../titles.ts';

export const phaseOneWay: Invariant = {
  id: 'KUB-01',
  name: 'phase-one-way',
  kind: 'S',
  holds: 'a pod that reached Succeeded or Failed keeps that phase',
  watch: (_world, { violated, met }) => ({
    resources: ['pods'],
    write({ type, object, old }, by) {
      if (type !== 'MODIFIED') return;
      const [before, after] = [(old as Pod).status?.phase, (object as Pod).status?.phase];
      if (before !== 'Succeeded' && before !== 'Failed') return;
      met();
      if (before === after) return;
      violated(`${by?.actor ?? 'somebody'} took ${podTitle(object)} from ${before} to ${after ?? 'no phase'}`, podTitle(object));
    },
  }),
};
