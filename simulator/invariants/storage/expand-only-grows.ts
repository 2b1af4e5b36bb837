import type {
  ControllerExpandVolumeRequest,
  ControllerExpandVolumeResponse,
  CreateVolumeResponse,
  NodeExpandVolumeRequest,
  NodeExpandVolumeResponse,
} from '@slipway/csi';
import { compareQuantities, type KubeObject, type PersistentVolume, type PersistentVolumeClaim } from '@slipway/kube';
import { requestOf } from '../facts/published-volumes.ts';
import type { Invariant } from '../invariant.ts';
import { nodeOf, titleOf } from '../titles.ts';

const EXPANSIONS: ReadonlySet<string> = new Set(['csi.Controller/ControllerExpandVolume', 'csi.Node/NodeExpandVolume']);

/** Sizes as drivers tell them, and as objects say them; a person may write what they like. */
export const expandOnlyGrows: Invariant = {
  id: 'CSI-14',
  name: 'expand-only-grows',
  kind: 'S',
  holds: 'sizes never shrink; node expansion runs on staged volumes only',
  watch: (_world, { violated, met }, { volumes }) => {
    /** Largest size that a driver has told of a volume, and when. */
    const sizes = new Map<string, { readonly bytes: number; readonly seq: number }>();
    const grow = (key: string, bytes: number, seq: number): void => {
      if (bytes > (sizes.get(key)?.bytes ?? 0)) sizes.set(key, { bytes, seq });
    };
    return {
      // The link does not let such an answer through: what the driver did, only its breach tells.
      trace(record) {
        if (record.kind !== 'fault' || record.data[0] !== 'breach' || !EXPANSIONS.has(record.name)) return;
        const [, rule, message] = record.data;
        if (String(rule).endsWith('capacity-reached'))
          violated(
            `${record.actor} answered ${record.name} of volume ${record.subject} with a size that was not asked for: ${message}`,
            `Volume ${record.subject}`,
          );
      },
      resources: ['persistentvolumes', 'persistentvolumeclaims'],
      write({ type, object, old }, by) {
        if (type !== 'MODIFIED' || by?.actor === 'kubectl') return;
        const [before, after] = [sizeOf(old), sizeOf(object)];
        if (before === undefined || after === undefined || before === after) return;
        if (isOtherVolume(old, object)) return;
        met();
        if (compareQuantities(after, before) < 0)
          violated(`${by?.actor ?? 'somebody'} made ${titleOf(object)} smaller: ${before}, then ${after}`, titleOf(object));
      },
      called: {
        'csi.Node/NodeExpandVolume'(call) {
          const { volumeId, stagingTargetPath = '' } = requestOf<NodeExpandVolumeRequest>(call);
          if (stagingTargetPath === '') return;
          met();
          if (volumes.step('stage', nodeOf(call.actor), volumeId, stagingTargetPath)?.state === 'done') return;
          violated(`${call.actor} expands volume ${volumeId}, which is not staged at ${stagingTargetPath}`, `Volume ${volumeId}`);
        },
      },
      answered: {
        'csi.Controller/CreateVolume'({ answer, ok }) {
          if (!ok) return;
          const { volumeId, capacityBytes = 0 } = (answer.full as CreateVolumeResponse).volume;
          grow(`${answer.actor} ${volumeId}`, capacityBytes, answer.seq);
        },
        'csi.Controller/DeleteVolume'({ call, answer, ok }) {
          if (ok) sizes.delete(`${answer.actor} ${requestOf<{ readonly volumeId: string }>(call).volumeId}`);
        },
        'csi.Controller/ControllerExpandVolume'({ call, answer, ok }) {
          if (!ok) return;
          met();
          const { volumeId, capacityRange } = requestOf<ControllerExpandVolumeRequest>(call);
          const { capacityBytes } = answer.full as ControllerExpandVolumeResponse;
          const key = `${answer.actor} ${volumeId}`;
          const before = sizes.get(key);
          const { requiredBytes = 0 } = capacityRange;
          // What was told only while this call was under way may have come after it.
          const shrunk = before !== undefined && before.seq < call.seq && capacityBytes < before.bytes;
          if (shrunk)
            violated(`${answer.actor} made volume ${volumeId} smaller: ${before.bytes} bytes, then ${capacityBytes}`, `Volume ${volumeId}`);
          else if (capacityBytes < requiredBytes)
            violated(
              `${answer.actor} gave volume ${volumeId} ${capacityBytes} bytes where ${requiredBytes} were asked for`,
              `Volume ${volumeId}`,
            );
          grow(key, capacityBytes, answer.seq);
        },
        'csi.Node/NodeExpandVolume'({ call, answer, ok }) {
          if (!ok) return;
          const { volumeId, capacityRange } = requestOf<NodeExpandVolumeRequest>(call);
          const { capacityBytes = 0 } = answer.full as NodeExpandVolumeResponse;
          const { requiredBytes = 0 } = capacityRange ?? {};
          if (capacityBytes > 0 && capacityBytes < requiredBytes)
            violated(
              `${answer.actor} expanded volume ${volumeId} to ${capacityBytes} bytes where ${requiredBytes} were asked for`,
              `Volume ${volumeId}`,
            );
        },
      },
    };
  },
};

function sizeOf(object: KubeObject | undefined): string | undefined {
  if (object?.kind === 'PersistentVolume') return (object as PersistentVolume).spec.capacity?.['storage'];
  const status = (object as PersistentVolumeClaim | undefined)?.status;
  return status?.phase === 'Bound' ? status.capacity?.['storage'] : undefined;
}

function isOtherVolume(old: object | undefined, object: object): boolean {
  return (old as PersistentVolumeClaim | undefined)?.spec.volumeName !== (object as PersistentVolumeClaim).spec.volumeName;
}
