import type { Pod } from '@slipway/kube';
import type { Invariant } from '../invariant.ts';
import { podTitle } from '../titles.ts';

export const bindOnce: Invariant = {
  id: 'SCH-03',
  name: 'bind-once',
  kind: 'S',
  holds: "a pod's node is written once and never changes",
  watch: (_world, { violated, met }) => ({
    resources: ['pods'],
    write({ type, object, old }, by) {
      if (type !== 'MODIFIED') return;
      const [before, after] = [(old as Pod | undefined)?.spec.nodeName, (object as Pod).spec.nodeName];
      if (!before) {
        if (after) met();
        return;
      }
      if (before === after) return;
      violated(`${by?.actor ?? 'somebody'} changed the node of ${podTitle(object)} from ${before} to ${after ?? 'none'}`, podTitle(object));
    },
  }),
};
