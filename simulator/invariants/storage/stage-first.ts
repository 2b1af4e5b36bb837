import type { NodePublishVolumeRequest, NodeStageVolumeRequest, NodeUnstageVolumeRequest } from '@slipway/csi';
import type { Owner } from '@slipway/kernel';
import { requestOf } from '../facts/published-volumes.ts';
import type { Invariant } from '../invariant.ts';
import { nodeOf } from '../titles.ts';

/**
 * A volume that is published without a staging path is one whose driver does not stage. What was staged goes with the machine's power: a
 * kubelet that believes its notes instead publishes an empty folder.
 */
export const stageFirst: Invariant = {
  id: 'CSI-02',
  name: 'stage-first',
  kind: 'S',
  holds: 'publish on a node comes only after a stage that succeeded later than any unstage try',
  watch: (_world, { violated, met }, { volumes }) => {
    /** Power-up in which each was staged. */
    const staged = new Map<string, Owner | undefined>();
    const keyOf = (actor: string, volumeId: string, path: string): string => `${nodeOf(actor)} ${volumeId} ${path}`;
    return {
      called: {
        'csi.Node/NodeUnstageVolume'(call) {
          const { volumeId, stagingTargetPath } = requestOf<NodeUnstageVolumeRequest>(call);
          staged.delete(keyOf(call.actor, volumeId, stagingTargetPath));
        },
        'csi.Node/NodePublishVolume'(call) {
          const { volumeId, stagingTargetPath = '' } = requestOf<NodePublishVolumeRequest>(call);
          if (stagingTargetPath === '') return;
          met();
          const key = keyOf(call.actor, volumeId, stagingTargetPath);
          const lostPower = staged.has(key) && staged.get(key) !== volumes.powerOf(nodeOf(call.actor));
          if (staged.has(key) && !lostPower) return;
          const since = lostPower ? ' since the machine lost its power' : '';
          violated(`${call.actor} publishes volume ${volumeId}, which is not staged at ${stagingTargetPath}${since}`, `Volume ${volumeId}`);
        },
      },
      answered: {
        'csi.Node/NodeStageVolume'({ call, ok }) {
          const { volumeId, stagingTargetPath } = requestOf<NodeStageVolumeRequest>(call);
          if (ok) staged.set(keyOf(call.actor, volumeId, stagingTargetPath), volumes.powerOf(nodeOf(call.actor)));
        },
      },
    };
  },
};
