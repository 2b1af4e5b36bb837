import type { ControllerPublishVolumeRequest } from '@slipway/csi';
import { requestOf } from '../facts/published-volumes.ts';
import type { Invariant } from '../invariant.ts';

/** Judged when a driver says that it has published: a refusal harms nobody. */
export const singleWriter: Invariant = {
  id: 'CSI-01',
  name: 'single-writer',
  kind: 'S',
  holds: 'a single-node volume is published on at most one node, counting uncertain attaches as attached',
  watch: (_world, { violated }, { published }) => ({
    answered: {
      'csi.Controller/ControllerPublishVolume'({ call, answer, ok }) {
        const { volumeId, nodeId, volumeCapability } = requestOf<ControllerPublishVolumeRequest>(call);
        if (!ok || !volumeCapability.accessMode.mode.startsWith('SINGLE_NODE_')) return;
        for (const [other, state] of published.of(volumeId)) {
          if (other === nodeId) continue;
          const still = state === 'published' ? 'it is published on' : 'it may be published on';
          violated(`${answer.actor} published volume ${volumeId} on ${nodeId} while ${still} ${other}`, `Volume ${volumeId}`);
        }
      },
    },
  }),
};
