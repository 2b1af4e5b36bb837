import type { ControllerUnpublishVolumeRequest } from '@slipway/csi';
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '@slipway/kube';
import type { VolumeStep } from '../facts/index.ts';
import { requestOf } from '../facts/published-volumes.ts';
import type { Invariant, Watched } from '../invariant.ts';
import { claimNames } from './pod-claims.ts';

/** What was asked for and not confirmed has to be undone as if it had worked: before a detach, and before nobody remembers it. */
export const timeoutIsMaybe: Invariant = {
  id: 'CSI-04',
  name: 'timeout-is-maybe',
  kind: 'S',
  holds: 'after a timeout the step counts as perhaps done until confirmed; cleanup is not skipped',
  watch: (world, { violated, met }, { volumes, detachments }) => {
    /** Nodes that somebody has deleted: a kubelet without its node knows of no pod any more that it could clean up after. */
    const deleted = new Set<string>();
    return {
      resources: ['nodes'],
      write({ type, object }) {
        if (type === 'DELETED') deleted.add(object.metadata.name);
      },
      called: {
        'csi.Controller/ControllerUnpublishVolume'(call) {
          const node = detachments.guarded(call);
          if (node === undefined) return;
          const { volumeId } = requestOf<ControllerUnpublishVolumeRequest>(call);
          const steps = volumes.stepsOf(volumeId).filter((each) => each.node === node);
          const step = steps.find(({ state }) => state === 'maybe');
          if (!step) return;
          met();
          violated(
            `${call.actor} takes volume ${volumeId} off ${node}, where it is perhaps still ${said(step)}: nobody undid it`,
            `Volume ${volumeId}`,
            `Node ${node}`,
          );
        },
      },
      answered: Object.fromEntries(
        ['csi.Node/NodeStageVolume', 'csi.Node/NodePublishVolume'].map((name) => [
          name,
          ({ code }) => {
            if (code === 'DEADLINE_EXCEEDED') met();
          },
        ]),
      ),
      afterCalm() {
        const left = volumes.all().filter(({ undoFailed, node }) => !undoFailed && !deleted.has(node) && !volumes.wasReplaced(node));
        if (left.length === 0) return;
        const { pods, handles } = inUse(world);
        for (const step of left) {
          if (handles.has(`${step.node} ${step.volumeId}`)) continue;
          // The pod's own folder says whose it is, also for a volume that has no claim.
          if ([...pods].some((uid) => step.path.includes(uid))) continue;
          const sure = step.state === 'maybe' ? 'perhaps still' : 'still';
          violated(
            `volume ${step.volumeId} is ${sure} ${said(step)} on ${step.node}, where no pod uses it, and nobody undoes that`,
            `Volume ${step.volumeId}`,
            `Node ${step.node}`,
          );
        }
      },
    };
  },
};

const said = ({ kind, path }: VolumeStep): string => `${kind === 'stage' ? 'staged' : 'published'} at ${path}`;

/** Uids of pods that are there, and which volumes they use on which nodes. */
function inUse({ server }: Watched): { readonly pods: ReadonlySet<string>; readonly handles: ReadonlySet<string> } {
  const pods = new Set<string>();
  const handles = new Set<string>();
  for (const object of server.objects('pods')) {
    const pod = object as unknown as Pod;
    const { phase } = pod.status ?? {};
    // One that is to go may be giving its volumes back.
    if ((phase === 'Succeeded' || phase === 'Failed') && pod.metadata.deletionTimestamp === undefined) continue;
    pods.add(object.metadata.uid);
    for (const name of claimNames(pod)) {
      const claim = server.peek('persistentvolumeclaims', object.metadata.namespace, name) as PersistentVolumeClaim | undefined;
      const volume = server.peek('persistentvolumes', undefined, claim?.spec.volumeName ?? '') as PersistentVolume | undefined;
      if (volume?.spec.csi) handles.add(`${pod.spec.nodeName ?? ''} ${volume.spec.csi.volumeHandle}`);
    }
  }
  return { pods, handles };
}
