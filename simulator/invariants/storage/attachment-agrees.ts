import type { CSINode, PersistentVolume, VolumeAttachment } from '@slipway/kube';
import type { Invariant, Watched } from '../invariant.ts';

/** Drivers that publish nothing have attachments without a call: only volumes that were published once are compared. */
export const attachmentAgrees: Invariant = {
  id: 'CSI-15',
  name: 'attachment-agrees',
  kind: 'Q',
  holds: "attachment objects and the driver's published set are equal",
  watch: (world, { violated }, { published }) => ({
    atRest() {
      const attached = new Set<string>();
      for (const object of world.server.objects('volumeattachments')) {
        const place = placeOf(world, object as unknown as VolumeAttachment);
        if (!place) continue;
        const { volumeId, nodeId } = place;
        attached.add(`${volumeId} ${nodeId}`);
        const nodes = published.all().get(volumeId);
        if (nodes && nodes.get(nodeId) !== 'published' && (object as unknown as VolumeAttachment).status?.attached)
          violated(
            `VolumeAttachment ${object.metadata.name} says that ${volumeId} is attached to ${nodeId}, and the driver never said so`,
            `VolumeAttachment ${object.metadata.name}`,
          );
      }
      for (const [volumeId, nodes] of published.all())
        for (const [nodeId, state] of nodes)
          if (state === 'published' && !attached.has(`${volumeId} ${nodeId}`))
            violated(`volume ${volumeId} is published on ${nodeId}, and no VolumeAttachment says so`, `Volume ${volumeId}`);
    },
  }),
};

function placeOf({ server }: Watched, { spec }: VolumeAttachment): { readonly volumeId: string; readonly nodeId: string } | undefined {
  const name = spec.source.persistentVolumeName;
  const volume = name === undefined ? undefined : (server.peek('persistentvolumes', undefined, name) as PersistentVolume | undefined);
  const volumeId = (volume?.spec ?? spec.source.inlineVolumeSpec)?.csi?.volumeHandle;
  const node = server.peek('csinodes', undefined, spec.nodeName) as CSINode | undefined;
  const nodeId = node?.spec.drivers.find((driver) => driver.name === spec.attacher)?.nodeID;
  return volumeId === undefined || nodeId === undefined ? undefined : { volumeId, nodeId };
}
