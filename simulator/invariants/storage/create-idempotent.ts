import type {
  ControllerExpandVolumeRequest,
  CreateVolumeRequest,
  CreateVolumeResponse,
  DeleteVolumeRequest,
  Volume,
  VolumeContentSource,
} from '@slipway/csi';
import type { TraceRecord } from '@slipway/kernel';
import { isEqual } from '@slipway/kube';
import { requestOf } from '../facts/published-volumes.ts';
import type { Invariant } from '../invariant.ts';

interface Made {
  readonly volume: Volume;
  readonly request: CreateVolumeRequest;
  /** It may have grown since. */
  grown: boolean;
}

/** By driver and name. An answer that was lost counts where the link tells what it was: the volume is there all the same. */
export const createIdempotent: Invariant = {
  id: 'CSI-05',
  name: 'create-idempotent',
  kind: 'S',
  holds: 'same name and compatible request: same volume, same answer; incompatible: AlreadyExists',
  watch: (_world, { violated, met }) => {
    const made = new Map<string, Made>();
    const names = new Map<string, string>();
    /** Calls under way, by their number; an answer that comes late may be of before a delete. */
    const open = new Map<number, TraceRecord>();
    /** When a volume of this name was last deleted. */
    const deleted = new Map<string, number>();
    const answered = (call: TraceRecord, driver: string, { volume }: CreateVolumeResponse): void => {
      const request = requestOf<CreateVolumeRequest>(call);
      const { name } = request;
      const key = `${driver} ${name}`;
      // Made before the delete that came in between, or after it.
      if (call.seq < (deleted.get(key) ?? 0)) return;
      const before = made.get(key);
      if (!before) {
        made.set(key, { volume, request, grown: false });
        names.set(`${driver} ${volume.volumeId}`, key);
        return;
      }
      met();
      const objects = [`Volume ${before.volume.volumeId}`, `Volume ${volume.volumeId}`];
      if (before.volume.volumeId !== volume.volumeId) {
        violated(`${driver} made ${volume.volumeId} for the name ${name}, which ${before.volume.volumeId} has already`, ...objects);
        return;
      }
      const what = unfit(before, request, volume);
      if (what !== undefined)
        violated(`${driver} gave ${volume.volumeId} ${what} under the same name ${name}`, `Volume ${volume.volumeId}`);
      else if (!before.grown && isEqual(plain(before.request), plain(request)) && !isEqual(before.volume, volume))
        violated(
          `${driver} answered the same request for ${name} differently: ${differences(before.volume, volume)}`,
          `Volume ${volume.volumeId}`,
        );
    };
    return {
      called: { 'csi.Controller/CreateVolume': (call) => void open.set(call.seq, call) },
      answered: {
        'csi.Controller/CreateVolume'({ call, answer, ok }) {
          open.delete(call.seq);
          if (ok) answered(call, answer.actor, answer.full as CreateVolumeResponse);
        },
        'csi.Controller/ControllerExpandVolume'({ call, answer }) {
          const key = names.get(`${answer.actor} ${requestOf<ControllerExpandVolumeRequest>(call).volumeId}`);
          const known = key === undefined ? undefined : made.get(key);
          if (known) known.grown = true;
        },
        'csi.Controller/DeleteVolume'({ call, answer, ok }) {
          if (!ok) return;
          const id = `${answer.actor} ${requestOf<DeleteVolumeRequest>(call).volumeId}`;
          const key = names.get(id);
          names.delete(id);
          if (key === undefined) return;
          made.delete(key);
          deleted.set(key, answer.seq);
        },
      },
      trace(record) {
        if (record.kind !== 'fault' || record.full === undefined || record.name !== 'csi.Controller/CreateVolume') return;
        const call = open.get(record.cause);
        const lost = record.full as Partial<CreateVolumeResponse>;
        if (call && lost.volume && record.data[0] === 'answer lost') answered(call, record.actor, lost as CreateVolumeResponse);
      },
    };
  },
};

/** What a volume has that the request does not allow; such a request had to be refused. */
function unfit({ volume: before, request, grown }: Made, wanted: CreateVolumeRequest, volume: Volume): string | undefined {
  const { requiredBytes = 0, limitBytes = 0 } = wanted.capacityRange ?? {};
  const { capacityBytes = 0 } = volume;
  const has = before.capacityBytes ?? 0;
  const fits = has === 0 || (requiredBytes <= has && (limitBytes === 0 || limitBytes >= has));
  if (!grown && !fits && capacityBytes === has) return `of ${has} bytes for a request of ${requiredBytes}`;
  const [first, second] = [sourceOf(request.volumeContentSource), sourceOf(wanted.volumeContentSource)];
  return first === second ? undefined : `made from ${first} for a request of ${second}`;
}

function sourceOf(source: VolumeContentSource | undefined): string {
  if (!source) return 'nothing';
  return 'snapshot' in source ? `snapshot ${source.snapshot.snapshotId}` : `volume ${source.volume.volumeId}`;
}

/** A request without what is no part of what is asked for. */
function plain({ secrets: _, ...request }: CreateVolumeRequest): object {
  return request;
}

function differences(before: Volume, after: Volume): string {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort() as (keyof Volume)[];
  const changed = keys.filter((key) => !isEqual(before[key], after[key]));
  return changed.map((key) => `${key} ${JSON.stringify(before[key])}, then ${JSON.stringify(after[key])}`).join('; ');
}
