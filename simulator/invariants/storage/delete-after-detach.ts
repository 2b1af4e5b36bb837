import type { DeleteVolumeRequest } from '@slipway/csi';
import { requestOf } from '../facts/published-volumes.ts';
import type { Invariant } from '../invariant.ts';

/**
 * A driver that refuses does no harm, but whoever asked would have taken a disk from under a running pod. A machine that was taken away for
 * good has let go of what it had.
 */
export const deleteAfterDetach: Invariant = {
  id: 'CSI-07',
  name: 'delete-after-detach',
  kind: 'S',
  holds: 'delete is never sent while the volume is published anywhere',
  watch: (_world, { violated, met }, { published, volumes }) => ({
    called: {
      'csi.Controller/DeleteVolume'(call) {
        met();
        const { volumeId } = requestOf<DeleteVolumeRequest>(call);
        const nodes: string[] = [];
        for (const [node, state] of published.of(volumeId)) if (state === 'published' && !volumes.isGone(node)) nodes.push(node);
        if (nodes.length > 0)
          violated(`${call.actor} deletes volume ${volumeId}, which is published on ${nodes.sort().join(', ')}`, `Volume ${volumeId}`);
      },
    },
  }),
};
