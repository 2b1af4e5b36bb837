import type { Exchange, Invariant } from '../invariant.ts';

/** A driver that insists on what is gone keeps its caller trying for ever. */
export const unpublishMissingOk: Invariant = {
  id: 'CSI-09',
  name: 'unpublish-missing-ok',
  kind: 'S',
  holds: 'unpublish of a volume or node that is gone succeeds, so detach always ends',
  watch: (_world, { violated }) => {
    const judge = ({ call, answer, code, disturbed }: Exchange): void => {
      if (disturbed || code !== 'NOT_FOUND') return;
      const { volumeId } = call.full as { readonly volumeId: string };
      violated(`${answer.actor} answered ${call.name} of volume ${volumeId} with NOT_FOUND`, `Volume ${volumeId}`);
    };
    return {
      answered: {
        'csi.Controller/ControllerUnpublishVolume': judge,
        'csi.Node/NodeUnpublishVolume': judge,
        'csi.Node/NodeUnstageVolume': judge,
      },
    };
  },
};
