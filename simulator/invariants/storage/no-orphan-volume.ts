import type { CreateVolumeRequest, CreateVolumeResponse, DeleteVolumeRequest, ListVolumesResponse } from '@slipway/csi';
import { type Micros, seconds, type TraceRecord } from '@slipway/kernel';
import type { PersistentVolume } from '@slipway/kube';
import { requestOf } from '../facts/published-volumes.ts';
import type { Exchange, Invariant } from '../invariant.ts';

/** A provisioner gives up on a call after so long; a later answer reaches nobody. Source: external-provisioner `--timeout`. */
const HEARD: Micros = seconds(10);

interface Made {
  readonly driver: string;
  readonly volumeId: string;
  readonly name: string;
  readonly call: TraceRecord;
  /** Which start of the provisioner asked. */
  readonly start: number;
  /** Its object: not there yet, there, or gone again; `kept`: gone, or to be gone, as its owner wanted it. */
  object: 'none' | 'there' | 'gone' | 'kept';
}

/**
 * What a driver says that it has made, and what it had its cloud make, against the objects. A provisioner that is started anew has
 * forgotten what it asked for, and a class may say Retain: neither is a leak of the driver's.
 */
export const noOrphanVolume: Invariant = {
  id: 'CSI-06',
  name: 'no-orphan-volume',
  kind: 'Q',
  holds: 'every backend volume has an owner object or a pending delete',
  watch: (_world, { violated, met }) => {
    const made = new Map<string, Made>();
    const newest = new Map<string, number>();
    const starts = new Map<string, number>();
    /** Volumes that a driver says are deleted, and when it said so. */
    const deleted = new Map<string, number>();
    /** Calls under way, by their number. */
    const creating = new Map<number, Creation>();
    /** What names have got in the end. */
    const got = new Map<string, Creation & { readonly volumeId: string }>();
    const disks = new Map<string, Disk>();
    const byHandle = new Map<string, Set<Made>>();
    const forget = (one: Made): void => {
      made.delete(`${one.driver} ${one.volumeId}`);
      const same = byHandle.get(one.volumeId);
      same?.delete(one);
      if (same?.size === 0) byHandle.delete(one.volumeId);
    };
    /** What is being made under a name that a request to the cloud has in its token or its tags. */
    const namedIn = (request: unknown): Creation | undefined => {
      if (creating.size === 0) return undefined;
      const { clientToken = '', tags = {} } = request as {
        readonly clientToken?: string;
        readonly tags?: Readonly<Record<string, string>>;
      };
      const texts = [clientToken, ...Object.values(tags)];
      for (const creation of creating.values()) if (texts.some((text) => text.includes(creation.name))) return creation;
      return undefined;
    };
    const disk = (exchange: Exchange): void => {
      const { call, answer, ok } = exchange;
      const creation = creating.get(call.cause) ?? namedIn(call.full);
      if (!ok || !creation) return;
      const { volumeId } = (answer.full as { readonly volume: { readonly volumeId: string } }).volume;
      if (!disks.has(volumeId)) disks.set(volumeId, { volumeId, actor: call.actor, creation });
    };
    return {
      resources: ['persistentvolumes'],
      write({ type, object, old }, by) {
        const { spec, metadata } = object as unknown as PersistentVolume;
        for (const one of byHandle.get(spec.csi?.volumeHandle ?? '') ?? []) {
          if (type !== 'DELETED') {
            if (one.object === 'none') one.object = 'there';
            const byHand =
              metadata.deletionTimestamp !== undefined && old?.metadata.deletionTimestamp === undefined && by?.actor === 'kubectl';
            if (byHand) one.object = 'kept';
          } else if (one.object !== 'kept')
            one.object = spec.persistentVolumeReclaimPolicy === 'Delete' && by?.actor !== 'kubectl' ? 'gone' : 'kept';
        }
      },
      called: {
        'csi.Identity/GetPluginInfo': ({ actor }) => void starts.set(actor, (starts.get(actor) ?? 0) + 1),
        'csi.Controller/CreateVolume'(call) {
          const { name } = requestOf<CreateVolumeRequest>(call);
          newest.set(name, call.seq);
          creating.set(call.seq, { name, where: whereOf(call), over: false });
        },
        'csi.Controller/DeleteVolume'(call) {
          deleted.delete(requestOf<DeleteVolumeRequest>(call).volumeId);
        },
      },
      answered: {
        'csi.Controller/CreateVolume'({ call, answer, ok }) {
          const { name } = requestOf<CreateVolumeRequest>(call);
          const creation = creating.get(call.seq);
          creating.delete(call.seq);
          if (creation) creation.over = true;
          if (!ok) return;
          const { volumeId } = (answer.full as CreateVolumeResponse).volume;
          if (creation) got.set(name, { ...creation, volumeId });
          const key = `${answer.actor} ${volumeId}`;
          deleted.delete(volumeId);
          if (made.has(key) || answer.at - call.at >= HEARD) return;
          const one: Made = { driver: answer.actor, volumeId, name, call, start: starts.get(call.actor) ?? 0, object: 'none' };
          made.set(key, one);
          let same = byHandle.get(volumeId);
          if (!same) byHandle.set(volumeId, (same = new Set()));
          same.add(one);
        },
        'csi.Controller/DeleteVolume'({ call, answer, ok }) {
          if (!ok) return;
          met();
          const { volumeId } = requestOf<DeleteVolumeRequest>(call);
          deleted.set(volumeId, answer.seq);
          const one = made.get(`${answer.actor} ${volumeId}`);
          if (one) forget(one);
        },
        'csi.Controller/ListVolumes'({ call, answer, ok, disturbed }) {
          if (!ok || disturbed) return;
          for (const { volume } of (answer.full as ListVolumesResponse).entries ?? []) {
            const at = deleted.get(volume.volumeId);
            if (at === undefined || at > call.seq) continue;
            deleted.delete(volume.volumeId);
            violated(`${answer.actor} still lists ${volume.volumeId}, which it said was deleted`, `Volume ${volume.volumeId}`);
          }
        },
        'cloud.CloudApi/CreateVolume': disk,
        'cloud.CloudApi/DeleteVolume'({ call, ok }) {
          if (ok) disks.delete((call.full as { readonly volumeId: string }).volumeId);
        },
      },
      atRest() {
        for (const one of made.values()) {
          if (one.object === 'there' || one.object === 'kept') continue;
          met();
          const asked = newest.get(one.name) === one.call.seq && one.start === (starts.get(one.call.actor) ?? 0);
          if (one.object === 'none' && !asked) continue;
          const why = one.object === 'none' ? 'no PersistentVolume was ever made for it' : 'its PersistentVolume went without it';
          violated(`volume ${one.volumeId}, which ${one.driver} made for ${one.name}, belongs to nobody: ${why}`, `Volume ${one.volumeId}`);
        }
        for (const one of disks.values()) judgeDisk(one);
      },
    };

    /**
     * A disk that was made for a volume which then was answered to be another one. A request for another place is another one: drivers
     * cannot always find what they began elsewhere.
     */
    function judgeDisk({ volumeId, actor, creation }: Disk): void {
      const final = got.get(creation.name);
      if (!creation.over || !final || final.where !== creation.where || final.volumeId.includes(volumeId)) return;
      met();
      violated(
        `${actor} made ${volumeId} for ${creation.name}, which got ${final.volumeId}: nobody knows of it any more`,
        `Volume ${volumeId}`,
      );
    }
  },
};

/** From where it has to be reachable, to compare. */
const whereOf = (call: TraceRecord): string => JSON.stringify(requestOf<CreateVolumeRequest>(call).accessibilityRequirements ?? {});

/** One CreateVolume. */
interface Creation {
  readonly name: string;
  readonly where: string;
  /** It has been answered. */
  over: boolean;
}

/** Of the cloud. */
interface Disk {
  readonly volumeId: string;
  readonly actor: string;
  readonly creation: Creation;
}
