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

/**
 * A volume on a node, as the attacher's calls show it. `maybe`: asked for, and not known to have failed. `crossed`: published by a call
 * that nobody waited for any more, while it was taken back: who came last, the two sides may see differently.
 */
export type Publication = 'maybe' | 'published' | 'crossed';

/** Where storage drivers have been told to publish volumes, by volume id and node id. */
export class PublishedVolumes implements Check {
  readonly #byVolume = new Map<string, Map<string, Publication>>();
  /** Publish calls without an answer, by volume and node: the number of each, and whether it was overtaken. */
  readonly #open = new Map<string, Map<number, { crossed: boolean }>>();
  readonly #changed = new Map<string, number>();
  /** Places that were asked to be given back, and where nobody has said since that the volume is there. */
  readonly #leaving = new Set<string>();

  readonly called: NonNullable<Check['called']> = {
    'csi.Controller/ControllerPublishVolume': (call) => {
      const { volumeId, nodeId } = requestOf<ControllerPublishVolumeRequest>(call);
      const nodes = this.#nodesOf(volumeId);
      if (!nodes.has(nodeId)) nodes.set(nodeId, 'maybe');
      const key = placeKey(volumeId, nodeId);
      let open = this.#open.get(key);
      if (!open) this.#open.set(key, (open = new Map()));
      open.set(call.seq, { crossed: false });
      this.#changed.set(volumeId, call.seq);
    },
    'csi.Controller/ControllerUnpublishVolume': (call) => {
      const { volumeId, nodeId } = requestOf<ControllerUnpublishVolumeRequest>(call);
      this.#changed.set(volumeId, call.seq);
      for (const node of this.#nodesOrOne(volumeId, nodeId)) this.#leaving.add(placeKey(volumeId, node));
    },
  };

  readonly answered: NonNullable<Check['answered']> = {
    'csi.Controller/ControllerPublishVolume': ({ call, answer, ok, code }) => {
      const { volumeId, nodeId } = requestOf<ControllerPublishVolumeRequest>(call);
      const key = placeKey(volumeId, nodeId);
      const open = this.#open.get(key);
      const crossed = open?.get(call.seq)?.crossed === true;
      open?.delete(call.seq);
      if (open?.size === 0) this.#open.delete(key);
      this.#changed.set(volumeId, answer.seq);
      const nodes = this.#nodesOf(volumeId);
      if (ok) {
        nodes.set(nodeId, crossed ? 'crossed' : 'published');
        this.#leaving.delete(key);
      } else if (!UNCERTAIN.has(code) && nodes.get(nodeId) === 'maybe') nodes.delete(nodeId);
    },
    'csi.Controller/ControllerUnpublishVolume': ({ call, answer, ok }) => {
      const { volumeId, nodeId } = requestOf<ControllerUnpublishVolumeRequest>(call);
      this.#changed.set(volumeId, answer.seq);
      if (!ok) return;
      const nodes = this.#nodesOf(volumeId);
      for (const node of this.#nodesOrOne(volumeId, nodeId)) {
        nodes.delete(node);
        this.#leaving.delete(placeKey(volumeId, node));
        for (const open of this.#open.get(placeKey(volumeId, node))?.values() ?? []) open.crossed = true;
      }
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

  /** Newest trace event that asked for or told of a change of where the volume is; 0 for none. */
  changedAt(volumeId: string): number {
    return this.#changed.get(volumeId) ?? 0;
  }

  /** It was asked back from there, and the driver may have done so. */
  mayHaveLeft(volumeId: string, nodeId: string): boolean {
    return this.#leaving.has(placeKey(volumeId, nodeId));
  }

  /** All nodes of the volume, when none is named. */
  #nodesOrOne(volumeId: string, nodeId: string | undefined): readonly string[] {
    return nodeId === undefined || nodeId === '' ? [...this.of(volumeId).keys()] : [nodeId];
  }

  #nodesOf(volumeId: string): Map<string, Publication> {
    let nodes = this.#byVolume.get(volumeId);
    if (!nodes) this.#byVolume.set(volumeId, (nodes = new Map()));
    return nodes;
  }
}

const NOWHERE: ReadonlyMap<string, Publication> = new Map();
const placeKey = (volumeId: string, nodeId: string): string => `${volumeId} ${nodeId}`;

/** The request behind a call's record. */
export function requestOf<Q>({ full }: TraceRecord): Q {
  return full as Q;
}
