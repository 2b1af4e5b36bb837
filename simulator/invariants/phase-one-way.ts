import { isTerminal, type Pod } from '@slipway/kube';
import type { Invariant } from './invariant.ts';
import { podTitle } from './titles.ts';

export const phaseOneWay: Invariant = {
  id: 'KUB-01',
  name: 'phase-one-way',
  kind: 'S',
  holds: 'a pod that reached Succeeded or Failed keeps that phase',
  watch: (_world, violated) => ({
    write({ resource, type, object, old }) {
      if (resource !== 'pods' || type !== 'MODIFIED') return;
      const [before, after] = [old as Pod, object as Pod];
      if (isTerminal(before) && before.status?.phase !== after.status?.phase) {
        violated(`${podTitle(after)} went from ${before.status?.phase} to ${after.status?.phase}`, podTitle(after));
      }
    },
  }),
};
