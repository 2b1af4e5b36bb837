import type { CreateVolumeRequest, CreateVolumeResponse, DeleteVolumeRequest, GetCapacityRequest, GetCapacityResponse } from '@slipway/csi';
import { requestOf, UNCERTAIN } from '../facts/published-volumes.ts';
import type { Invariant } from '../invariant.ts';

/** One place, as drivers name it. */
const poolKey = (driver: string, parameters: object | undefined, segments: object | undefined): string =>
  `${driver} ${sorted(parameters)} ${sorted(segments)}`;
const sorted = (map: object = {}): string => JSON.stringify(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));

interface Pool {
  /** What there was to give out, by the driver's own word, with what it had given out by then. */
  total: number;
  readonly volumes: Map<string, number>;
}

/**
 * A pool is what a driver counts by itself: the room that it told of, with what it had given out of the same pool by then. Anything that
 * may free or take room beside creating makes the word stale until it is asked again.
 */
export const capacityHonest: Invariant = {
  id: 'CSI-13',
  name: 'capacity-honest',
  kind: 'S',
  holds: 'the volumes on a pool never exceed it; a node without room is passed over for another',
  watch: (_world, { violated, met }) => {
    const pools = new Map<string, Pool>();
    const keys = new Map<string, string>();
    /** Trace event of the last call or answer that may have changed what is left. */
    let changed = 0;
    /** Names of volumes that may be there, or come to be there, without having been told of. */
    const unsettled = new Set<string>();
    const stale = (seq: number): void => {
      changed = seq;
      for (const pool of pools.values()) pool.total = Number.NaN;
    };
    const touch = ({ seq }: { readonly seq: number }): void => stale(seq);
    const touched = ({ answer }: { readonly answer: { readonly seq: number } }): void => stale(answer.seq);
    const poolOf = (key: string): Pool => {
      let pool = pools.get(key);
      if (!pool) pools.set(key, (pool = { total: Number.NaN, volumes: new Map() }));
      return pool;
    };
    const used = ({ volumes }: Pool): number => {
      let sum = 0;
      for (const bytes of volumes.values()) sum += bytes;
      return sum;
    };
    return {
      called: {
        'csi.Controller/CreateVolume'(call) {
          changed = call.seq;
          unsettled.add(requestOf<CreateVolumeRequest>(call).name);
        },
        'csi.Controller/DeleteVolume': touch,
        'csi.Controller/ControllerExpandVolume': touch,
        'csi.Controller/CreateSnapshot': touch,
        'csi.Controller/DeleteSnapshot': touch,
      },
      answered: {
        'csi.Controller/DeleteVolume'({ call, answer, ok }) {
          stale(answer.seq);
          const { volumeId } = requestOf<DeleteVolumeRequest>(call);
          const key = keys.get(`${answer.actor} ${volumeId}`);
          if (ok && key !== undefined) pools.get(key)?.volumes.delete(volumeId);
        },
        'csi.Controller/ControllerExpandVolume': touched,
        'csi.Controller/CreateSnapshot': touched,
        'csi.Controller/DeleteSnapshot': touched,
        'csi.Controller/GetCapacity'({ call, answer, ok }) {
          if (!ok || changed > call.seq || unsettled.size > 0) return;
          const { parameters, accessibleTopology } = requestOf<GetCapacityRequest>(call);
          const pool = poolOf(poolKey(answer.actor, parameters, accessibleTopology?.segments));
          const total = (answer.full as GetCapacityResponse).availableCapacity + used(pool);
          pool.total = Number.isNaN(pool.total) ? total : Math.max(pool.total, total);
        },
        'csi.Controller/CreateVolume'({ call, answer, ok, code, disturbed }) {
          changed = answer.seq;
          const { name, parameters } = requestOf<CreateVolumeRequest>(call);
          if (ok || (!disturbed && !UNCERTAIN.has(code))) unsettled.delete(name);
          if (!ok) return;
          const { volumeId, capacityBytes = 0, accessibleTopology = [] } = (answer.full as CreateVolumeResponse).volume;
          // In several places at once, it is in none of them alone.
          if (accessibleTopology.length > 1) return;
          const key = poolKey(answer.actor, parameters, accessibleTopology[0]?.segments);
          const pool = poolOf(key);
          keys.set(`${answer.actor} ${volumeId}`, key);
          const known = pool.volumes.has(volumeId);
          pool.volumes.set(volumeId, capacityBytes);
          if (Number.isNaN(pool.total)) return;
          met();
          const sum = used(pool);
          if (!known && sum > pool.total)
            violated(
              `${answer.actor} made ${volumeId} of ${capacityBytes} bytes, and has given out ${sum} of a pool of ${pool.total}`,
              `Volume ${volumeId}`,
            );
        },
      },
    };
  },
};
