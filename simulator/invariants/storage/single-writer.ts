import type { ControllerPublishVolumeRequest } from '@slipway/csi';
import type { TraceRecord } from '@slipway/kernel';
import type { PersistentVolume } from '@slipway/kube';
import { requestOf } from '../facts/published-volumes.ts';
import type { Invariant } from '../invariant.ts';

/**
 * Judged when a driver is asked while it is known to have published elsewhere, and when it says that it has published. What a machine
 * had that has been taken away for good holds nobody up.
 */
export const singleWriter: Invariant = {
  id: 'CSI-01',
  name: 'single-writer',
  kind: 'S',
  holds: 'a single-node volume is published on at most one node, counting uncertain attaches as attached',
  watch: (_world, { violated, met }, { published, volumes }) => {
    /** Handles of volumes whose objects allow many nodes, whatever the first of their modes says. */
    const shared = new Set<string>();
    /** Calls that have been reported. */
    const reported = new Set<number>();
    const judge = (call: TraceRecord, who: string, does: string, counts: (state: string) => boolean): void => {
      const { volumeId, nodeId, volumeCapability } = requestOf<ControllerPublishVolumeRequest>(call);
      if (!volumeCapability.accessMode.mode.startsWith('SINGLE_NODE_') || shared.has(volumeId) || reported.has(call.seq)) return;
      for (const [other, state] of published.of(volumeId)) {
        if (other === nodeId || !counts(state) || volumes.isGone(other)) continue;
        const still = state === 'maybe' ? 'it may be published on' : 'it is published on';
        reported.add(call.seq);
        violated(`${who} ${does} volume ${volumeId} on ${nodeId} while ${still} ${other}`, `Volume ${volumeId}`);
      }
    };
    return {
      resources: ['persistentvolumes'],
      write({ object }) {
        const { csi, accessModes = [] } = (object as PersistentVolume).spec;
        if (csi && accessModes.some((mode) => mode === 'ReadWriteMany' || mode === 'ReadOnlyMany')) shared.add(csi.volumeHandle);
      },
      called: {
        'csi.Controller/ControllerPublishVolume': (call) => judge(call, call.actor, 'publishes', (state) => state === 'published'),
      },
      answered: {
        'csi.Controller/ControllerPublishVolume'({ call, answer, ok }) {
          if (!ok) return;
          met();
          judge(call, answer.actor, 'published', () => true);
        },
      },
    };
  },
};
