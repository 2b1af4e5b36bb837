import type { ControllerPublishVolumeRequest, ControllerUnpublishVolumeRequest, DeleteVolumeRequest } from '@slipway/csi';
import type { TraceRecord } from '@slipway/kernel';
import type { Check } from '../invariant.ts';

/** Errors after which nobody knows whether the work was done. */
export const UNCERTAIN: ReadonlySet<string> = new Set([
  'CANCELLED',
  'UNKNOWN',
  'DEADLINE_EXCEEDED',
  'ABORTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
]);

/** A volume on a node, as the attacher's calls show it. `maybe`: asked for, and not known to have failed. */
export type Publication = 'maybe' | 'published';

/** Where storage drivers have been told to publish volumes, by volume id and node id. */
export class PublishedVolumes implements Check {
  readonly #byVolume = new Map<string, Map<string, Publication>>();

  readonly called: NonNullable<Check['called']> = {
    'csi.Controller/ControllerPublishVolume': (call) => {
      const { volumeId, nodeId } = requestOf<ControllerPublishVolumeRequest>(call);
      const nodes = this.#nodesOf(volumeId);
      if (!nodes.has(nodeId)) nodes.set(nodeId, 'maybe');
    },
  };

  readonly answered: NonNullable<Check['answered']> = {
    'csi.Controller/ControllerPublishVolume': ({ call, ok, code }) => {
      const { volumeId, nodeId } = requestOf<ControllerPublishVolumeRequest>(call);
      const nodes = this.#nodesOf(volumeId);
      if (ok) nodes.set(nodeId, 'published');
      else if (!UNCERTAIN.has(code) && nodes.get(nodeId) === 'maybe') nodes.delete(nodeId);
    },
    'csi.Controller/ControllerUnpublishVolume': ({ call, ok }) => {
      if (!ok) return;
      const { volumeId, nodeId } = requestOf<ControllerUnpublishVolumeRequest>(call);
      if (nodeId === undefined || nodeId === '') this.#byVolume.delete(volumeId);
      else this.#nodesOf(volumeId).delete(nodeId);
    },
    'csi.Controller/DeleteVolume': ({ call, ok }) => {
      if (ok) this.#byVolume.delete(requestOf<DeleteVolumeRequest>(call).volumeId);
    },
  };

  /** Nodes of one volume. */
  of(volumeId: string): ReadonlyMap<string, Publication> {
    return this.#byVolume.get(volumeId) ?? NOWHERE;
  }

  /** All volumes that were ever published and not deleted. */
  all(): ReadonlyMap<string, ReadonlyMap<string, Publication>> {
    return this.#byVolume;
  }

  #nodesOf(volumeId: string): Map<string, Publication> {
    let nodes = this.#byVolume.get(volumeId);
    if (!nodes) this.#byVolume.set(volumeId, (nodes = new Map()));
    return nodes;
  }
}

const NOWHERE: ReadonlyMap<string, Publication> = new Map();

/** The request behind a call's record. */
export function requestOf<Q>({ full }: TraceRecord): Q {
  return full as Q;
}
