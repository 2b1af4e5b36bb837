import type { NodePublishVolumeRequest, NodeStageVolumeRequest, NodeUnstageVolumeRequest } from '@slipway/csi';
import { requestOf } from '../facts/published-volumes.ts';
import type { Invariant } from '../invariant.ts';
import { nodeOf } from '../titles.ts';

/** A volume that is published without a staging path is one whose driver does not stage. */
export const stageFirst: Invariant = {
  id: 'CSI-02',
  name: 'stage-first',
  kind: 'S',
  holds: 'publish on a node comes only after a stage that succeeded later than any unstage try',
  watch: (_world, { violated }) => {
    const staged = new Set<string>();
    const keyOf = (actor: string, volumeId: string, path: string): string => `${nodeOf(actor)} ${volumeId} ${path}`;
    return {
      called: {
        'csi.Node/NodeUnstageVolume'(call) {
          const { volumeId, stagingTargetPath } = requestOf<NodeUnstageVolumeRequest>(call);
          staged.delete(keyOf(call.actor, volumeId, stagingTargetPath));
        },
        'csi.Node/NodePublishVolume'(call) {
          const { volumeId, stagingTargetPath = '' } = requestOf<NodePublishVolumeRequest>(call);
          if (stagingTargetPath === '' || staged.has(keyOf(call.actor, volumeId, stagingTargetPath))) return;
          violated(`${call.actor} publishes volume ${volumeId}, which is not staged at ${stagingTargetPath}`, `Volume ${volumeId}`);
        },
      },
      answered: {
        'csi.Node/NodeStageVolume'({ call, ok }) {
          const { volumeId, stagingTargetPath } = requestOf<NodeStageVolumeRequest>(call);
          if (ok) staged.add(keyOf(call.actor, volumeId, stagingTargetPath));
        },
      },
    };
  },
};
