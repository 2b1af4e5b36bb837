import type { ListVolumesResponse } from '@slipway/csi';
import type { CSINode, PersistentVolume, VolumeAttachment } from '@slipway/kube';
import type { Invariant, Watched } from '../invariant.ts';

/** On a VolumeAttachment: the node's id, for when its CSINode has gone or has another. Source: external-attacher `pkg/controller/util.go`. */
const NODE_ID = 'csi.alpha.kubernetes.io/node-id';

/**
 * Drivers that publish nothing have attachments without a call: only volumes that were published once are compared. What a driver itself
 * lists counts as its word, when nothing changed while it was asked.
 */
export const attachmentAgrees: Invariant = {
  id: 'CSI-15',
  name: 'attachment-agrees',
  kind: 'Q',
  holds: "attachment objects and the driver's published set are equal",
  watch: (world, { violated, met }, { published, volumes }) => {
    /** A machine that was taken away for good has taken what it had with it. */
    const isThere = (nodeId: string): boolean => !volumes.isGone(nodeId);
    return {
      answered: {
        'csi.Controller/ListVolumes'({ call, answer, ok, disturbed }) {
          if (!ok || disturbed) return;
          for (const { volume, status } of (answer.full as ListVolumesResponse).entries ?? []) {
            const { volumeId } = volume;
            const said = status?.publishedNodeIds;
            if (!said || published.changedAt(volumeId) > call.seq || published.changedAt(volumeId) === 0) continue;
            const known = published.of(volumeId);
            if ([...known].some(([node, state]) => state !== 'published' || published.mayHaveLeft(volumeId, node))) continue;
            met();
            const [missing] = [...known.keys()].filter((node) => !said.includes(node));
            const [stray] = said.filter((node) => !known.has(node));
            if (missing !== undefined && isThere(missing))
              violated(`${answer.actor} lists ${volumeId} without ${missing}, on which it published it`, `Volume ${volumeId}`);
            if (stray !== undefined) violated(`${answer.actor} lists ${volumeId} on ${stray}, from which it took it`, `Volume ${volumeId}`);
          }
        },
      },
      atRest() {
        const attached = new Set<string>();
        /** Volumes with an attachment to a node that cannot be told. */
        const somewhere = new Set<string>();
        for (const object of world.server.objects('volumeattachments')) {
          const attachment = object as unknown as VolumeAttachment;
          const { volumeId, nodeIds } = placeOf(world, attachment);
          if (volumeId === undefined) continue;
          if (nodeIds.length === 0) somewhere.add(volumeId);
          for (const nodeId of nodeIds) attached.add(`${volumeId} ${nodeId}`);
          const nodes = published.all().get(volumeId);
          if (!nodes || nodeIds.length === 0 || !attachment.status?.attached) continue;
          met();
          if (nodeIds.some((nodeId) => (nodes.get(nodeId) ?? 'maybe') !== 'maybe')) continue;
          violated(
            `VolumeAttachment ${object.metadata.name} says that ${volumeId} is attached to ${nodeIds[0]}, and the driver never said so`,
            `VolumeAttachment ${object.metadata.name}`,
          );
        }
        for (const [volumeId, nodes] of published.all())
          for (const [nodeId, state] of nodes) {
            if (state !== 'published' || somewhere.has(volumeId) || !isThere(nodeId)) continue;
            met();
            if (!attached.has(`${volumeId} ${nodeId}`))
              violated(`volume ${volumeId} is published on ${nodeId}, and no VolumeAttachment says so`, `Volume ${volumeId}`);
          }
      },
    };
  },
};

/** The volume, and the ids by which the driver may know the node. */
function placeOf(
  { server }: Watched,
  { spec, metadata }: VolumeAttachment,
): { readonly volumeId: string | undefined; readonly nodeIds: readonly string[] } {
  const name = spec.source.persistentVolumeName;
  const volume = name === undefined ? undefined : (server.peek('persistentvolumes', undefined, name) as PersistentVolume | undefined);
  const volumeId = (volume?.spec ?? spec.source.inlineVolumeSpec)?.csi?.volumeHandle;
  const csiNode = server.peek('csinodes', undefined, spec.nodeName) as CSINode | undefined;
  const listed = csiNode?.spec.drivers.find((driver) => driver.name === spec.attacher)?.nodeID;
  const nodeIds = [metadata.annotations?.[NODE_ID], listed].filter((id) => id !== undefined);
  return { volumeId, nodeIds: [...new Set(nodeIds)] };
}
