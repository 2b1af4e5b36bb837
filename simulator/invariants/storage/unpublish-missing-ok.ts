import { isLinkFailure } from '../dispatch.ts';
import type { Exchange, Invariant } from '../invariant.ts';

interface Undoing {
  readonly volumeId: string;
  readonly targetPath?: string;
  readonly stagingTargetPath?: string;
  readonly nodeId?: string;
}

/** Undisturbed refusals in a row after which nothing but the driver can be the cause. */
const PATIENCE = 4;

/** A driver that insists on what is gone keeps its caller trying for ever; so does one that fails whatever it is told to undo. */
export const unpublishMissingOk: Invariant = {
  id: 'CSI-09',
  name: 'unpublish-missing-ok',
  kind: 'L',
  holds: 'unpublish of a volume or node that is gone succeeds, so detach always ends',
  watch: (_world, { violated, met }, { volumes }) => {
    /** Calls that have not succeeded yet, by what they are to undo. */
    const failing = new Map<string, { count: number; readonly message: string; readonly volumeId: string; readonly controller: boolean }>();
    /** A cloud that has crashed may have forgotten what it was about to take off a machine. */
    let cloudEnded = false;
    const judge = ({ call, answer, ok, code, disturbed }: Exchange): void => {
      const { volumeId, targetPath = '', stagingTargetPath = '', nodeId = '' } = call.full as Undoing;
      const key = `${answer.actor} ${call.name} ${volumeId} ${targetPath}${stagingTargetPath}${nodeId}`;
      if (ok || disturbed || isLinkFailure(code) || code === 'ABORTED') {
        if (ok) met();
        // Whoever was disturbed starts anew.
        failing.delete(key);
        return;
      }
      met();
      const message = `${answer.actor} answered ${call.name} of volume ${volumeId} with ${code}`;
      if (code === 'NOT_FOUND') {
        violated(message, `Volume ${volumeId}`);
        return;
      }
      const known = failing.get(key);
      if (known) known.count += 1;
      else failing.set(key, { count: 1, message, volumeId, controller: call.name.startsWith('csi.Controller/') });
    };
    return {
      trace({ kind, name, subject = '' }) {
        if (kind === 'fault' && name === 'fault/down' && subject.startsWith('cloud')) cloudEnded = true;
      },
      answered: {
        'csi.Controller/ControllerUnpublishVolume': judge,
        'csi.Node/NodeUnpublishVolume': judge,
        'csi.Node/NodeUnstageVolume': judge,
      },
      afterCalm() {
        // A disk that is still mounted may not be pulled out.
        for (const { count, message, volumeId, controller } of failing.values())
          if (count >= PATIENCE && !(controller && (cloudEnded || volumes.stepsOf(volumeId).length > 0)))
            violated(`${message}, ${count} times in a row, and never let it go`, `Volume ${volumeId}`);
      },
    };
  },
};
