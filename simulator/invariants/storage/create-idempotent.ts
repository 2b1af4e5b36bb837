import type { CreateVolumeRequest, CreateVolumeResponse, DeleteVolumeRequest } from '@slipway/csi';
import { requestOf } from '../facts/published-volumes.ts';
import type { Invariant } from '../invariant.ts';

interface Made {
  readonly volumeId: string;
  readonly capacityBytes: number;
}

/** By driver and name. A volume whose answer was lost is known from the next answer on. */
export const createIdempotent: Invariant = {
  id: 'CSI-05',
  name: 'create-idempotent',
  kind: 'S',
  holds: 'same name and compatible request: same volume, same answer; incompatible: AlreadyExists',
  watch: (_world, { violated }) => {
    const made = new Map<string, Made>();
    const names = new Map<string, string>();
    return {
      answered: {
        'csi.Controller/CreateVolume'({ call, answer, ok }) {
          if (!ok) return;
          const { name, capacityRange } = requestOf<CreateVolumeRequest>(call);
          const { volume } = answer.full as CreateVolumeResponse;
          const key = `${answer.actor} ${name}`;
          const before = made.get(key);
          const capacityBytes = volume.capacityBytes ?? 0;
          if (!before) {
            made.set(key, { volumeId: volume.volumeId, capacityBytes });
            names.set(`${answer.actor} ${volume.volumeId}`, key);
            return;
          }
          const objects = [`Volume ${before.volumeId}`, `Volume ${volume.volumeId}`];
          if (before.volumeId !== volume.volumeId) {
            violated(`${answer.actor} made ${volume.volumeId} for the name ${name}, which ${before.volumeId} has already`, ...objects);
            return;
          }
          const { requiredBytes = 0, limitBytes = 0 } = capacityRange ?? {};
          const fits =
            before.capacityBytes === 0 ||
            (requiredBytes <= before.capacityBytes && (limitBytes === 0 || limitBytes >= before.capacityBytes));
          if (!fits && capacityBytes === before.capacityBytes)
            violated(
              `${answer.actor} gave ${volume.volumeId} of ${before.capacityBytes} bytes for a request of ${requiredBytes} under the same name ${name}`,
              `Volume ${volume.volumeId}`,
            );
        },
        'csi.Controller/DeleteVolume'({ call, answer, ok }) {
          if (!ok) return;
          const id = `${answer.actor} ${requestOf<DeleteVolumeRequest>(call).volumeId}`;
          const key = names.get(id);
          if (key !== undefined) made.delete(key);
          names.delete(id);
        },
      },
    };
  },
};
