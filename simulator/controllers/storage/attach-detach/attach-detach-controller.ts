import { type Change, type ControllerContext, type ControllerDefinition, defineController, watch } from '@slipway/client';
import { Cell, every, type Micros, milliseconds, type Process, seconds, spawn } from '@slipway/kernel';
import type { CSIDriver, Node, PersistentVolume, PersistentVolumeClaim, Pod, Stored, VolumeAttachment } from '@slipway/kube';
import { isConditionTrue, keyOf, taintKeys } from '@slipway/kube';
import { claimKey, claimKeysOf, isPodTerminated } from '../claims.ts';
import { attachableVolumesOf, isAttachable } from './pod-volumes.ts';
import { Reconciler } from './reconciler.ts';
import { uniqueNameOf } from './volume-name.ts';

const LOOP: Micros = milliseconds(100);
const VERIFY: Micros = seconds(60);
/** Its predecessor may have died while an attachment of its was on the way to the server. */
const ADOPTION: Micros = seconds(120);

/**
 * Attaches volumes to the nodes whose pods need them, and takes them off again. Source: `pkg/controller/volume/attachdetach`.
 *
 * Upstream's loop runs every 100 ms over everything. Here changes are noted as they come, and the loop runs on the same grid of 100 ms over
 * what they touch; points at which nothing is to be done are left out. Likewise every 60 s attachments that somebody else has changed are
 * noticed. Every node counts as managed by this controller, as all are that a kubelet has registered with its defaults.
 */
export function attachDetachController(): ControllerDefinition {
  /** Something to do in the next loop. */
  const wake = new Cell(0);
  /** Attachments to verify. */
  const doubtful = new Cell(0);
  const suspects = new Set<string>();
  let reconciler: Reconciler | undefined;
  let started = 0;

  return defineController({
    name: 'attachdetach-controller',
    watches: [
      watch('pods', {
        indexers: { claim: claimKeysOf, node: (pod) => [pod.spec.nodeName ?? ''] },
        keys: (pod, { event, context }) => notePod(pod, event === 'DELETED', context),
      }),
      watch('nodes', { keys: noteNode }),
      watch('persistentvolumeclaims', { keys: noteClaim }),
      watch('persistentvolumes', {
        indexers: {
          uniqueName: (volume) => {
            const name = uniqueNameOf(volume);
            return name === undefined ? [] : [name];
          },
        },
        keys: noteVolume,
      }),
      watch('volumeattachments', { keys: noteAttachment }),
      watch('csidrivers', { keys: noteDriver }),
    ],
    *start(context) {
      started = context.now();
      reconciler = new Reconciler(context, () => wake.set(wake.value + 1));
      reconciler.populate();
      for (const pod of [...context.informers.get('pods').list()].sort(byKey)) notePod(pod, false, context);
      yield* spawn('reconciler', loop(reconciler));
      yield* spawn('verification', verify(reconciler));
    },
    // A back-off has ended, or a node has been waited for long enough.
    *reconcile() {
      wake.set(wake.value + 1);
    },
  });

  function* loop(running: Reconciler): Process<never> {
    const beat = every(LOOP);
    for (;;) {
      yield* beat.next({ unless: [wake] });
      yield* running.pass();
    }
  }

  function* verify(running: Reconciler): Process<never> {
    const beat = every(VERIFY);
    for (;;) {
      const at = yield* beat.next({ unless: [doubtful] });
      for (const name of [...suspects].sort()) running.verify(name, at < started + ADOPTION);
      suspects.clear();
    }
  }

  function notePod(pod: Stored<Pod>, gone: boolean, { informers }: ControllerContext): readonly string[] {
    const { nodeName } = pod.spec;
    const { uid } = pod.metadata;
    if (!reconciler || !nodeName || !pod.spec.volumes?.length) return [];
    if (gone || isPodTerminated(pod)) reconciler.unwant(uid);
    else if (informers.get('nodes').get(nodeName)) reconciler.want(uid, keyOf(pod), nodeName, attachableVolumesOf(pod, informers));
    return [];
  }

  function notePods(pods: readonly Stored<Pod>[], context: ControllerContext): readonly string[] {
    for (const pod of pods) notePod(pod, false, context);
    return [];
  }

  function noteNode(node: Stored<Node>, { event, old, context }: Change<Node>): readonly string[] {
    if (!reconciler) return [];
    const { name } = node.metadata;
    reconciler.noteInUse(name, node.status?.volumesInUse ?? []);
    if (event !== 'MODIFIED' || isHealthy(node) !== (old && isHealthy(old)) || isOutOfService(node) !== (old && isOutOfService(old)))
      reconciler.look(name);
    if (event !== 'ADDED') return [];
    // A node that registers anew has lost what it was told.
    reconciler.retell(name);
    return notePods(context.informers.get('pods').byIndex('node', name), context);
  }

  function noteClaim(claim: Stored<PersistentVolumeClaim>, { event, context }: Change<PersistentVolumeClaim>): readonly string[] {
    if (event === 'DELETED' || claim.status?.phase !== 'Bound') return [];
    return notePods(context.informers.get('pods').byIndex('claim', keyOf(claim)), context);
  }

  function noteVolume({ spec }: Stored<PersistentVolume>, { event, old, context }: Change<PersistentVolume>): readonly string[] {
    if (event === 'DELETED' || !spec.claimRef || spec.claimRef.uid === old?.spec.claimRef?.uid) return [];
    return notePods(context.informers.get('pods').byIndex('claim', claimKey(spec.claimRef)), context);
  }

  function noteAttachment({ metadata, status }: Stored<VolumeAttachment>, { event }: Change<VolumeAttachment>): readonly string[] {
    if (event !== 'DELETED' && status?.attached) return [];
    suspects.add(metadata.name);
    doubtful.set(doubtful.value + 1);
    return [];
  }

  /** Rare enough to look at every pod: a driver has said whether it is attached. */
  function noteDriver(_driver: Stored<CSIDriver>, { context }: Change<CSIDriver>): readonly string[] {
    if (!reconciler) return [];
    const { informers } = context;
    for (const pod of [...informers.get('pods').list()].sort(byKey)) {
      reconciler.unwant(pod.metadata.uid, (name) => !isAttachable(name, informers));
      notePod(pod, false, context);
    }
    return [];
  }
}

const byKey = (a: Stored<Pod>, b: Stored<Pod>): number => (keyOf(a) < keyOf(b) ? -1 : 1);

const isHealthy = ({ status }: Node): boolean => isConditionTrue(status?.conditions, 'Ready');
const isOutOfService = ({ spec }: Node): boolean => spec?.taints?.some(({ key }) => key === taintKeys.outOfService) ?? false;
