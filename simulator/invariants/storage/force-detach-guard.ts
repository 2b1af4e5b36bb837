import type { ControllerUnpublishVolumeRequest } from '@slipway/csi';
import { requestOf } from '../facts/published-volumes.ts';
import type { Invariant } from '../invariant.ts';

/** A node that has been well for a minute is not known to be down, and the six minutes count for one that is not well only. */
export const forceDetachGuard: Invariant = {
  id: 'CSI-10',
  name: 'force-detach-guard',
  kind: 'S',
  holds: 'detach without unstage happens only when the node is known down or the timer ran out',
  watch: (_world, { violated, met }, { volumes, detachments }) => ({
    called: {
      'csi.Controller/ControllerUnpublishVolume'(call) {
        const node = detachments.guarded(call);
        if (node === undefined) return;
        met();
        const { volumeId } = requestOf<ControllerUnpublishVolumeRequest>(call);
        const step = volumes.stepsOf(volumeId).find((each) => each.node === node && each.state === 'done');
        if (!step) return;
        const still = step.kind === 'stage' ? 'staged' : 'published';
        violated(
          `${call.actor} takes volume ${volumeId} off ${node}, which is well and has it ${still} at ${step.path}`,
          `Volume ${volumeId}`,
          `Node ${node}`,
        );
      },
    },
  }),
};
