import type { PatchRequest, UpdateRequest } from '@slipway/client';
import type { TraceRecord } from '@slipway/kernel';
import type { CommittedWrite } from '../../apiserver/index.ts';
import type { Invariant, Verdict } from '../invariant.ts';
import { titleOf } from '../titles.ts';

/** Set and taken away by a delete's own propagation policy. */
const OF_DELETES: ReadonlySet<string> = new Set(['orphan', 'foregroundDeletion']);
/** The API server sets these, whoever makes the object, and parts of the cluster take them away. */
const OF_THE_SERVER: ReadonlySet<string> = new Set([
  ...OF_DELETES,
  'kubernetes',
  'kubernetes.io/pvc-protection',
  'kubernetes.io/pv-protection',
]);
/**
 * One part sets them, and another takes them away when its own work is done. Source: kubernetes-csi/external-snapshotter,
 * `pkg/common-controller/snapshot_controller.go` (addContentFinalizer), `pkg/sidecar-controller/snapshot_controller.go` (removeContentFinalizer).
 */
const HANDED_ON: Readonly<Record<string, RegExp>> = {
  'snapshot.storage.kubernetes.io/volumesnapshotcontent-bound-protection': /^external-snapshotter\/./,
};
/** People and their tools: what they do to finalizers is what they want. */
const PEOPLE: ReadonlySet<string> = new Set(['kubectl', 'installer', 'scenario']);

/** Parts of the cluster that look after nothing that people hold with finalizers of their own. */
const OF_THE_CLUSTER =
  /^((attachdetach|cloud-node|cloud-node-lifecycle|cronjob|daemonset|deployment|disruption|endpointslice|ephemeral-volume|garbage-collector|job|namespace|node-ipam|node-lifecycle|node-route|persistentvolume|pv-protection|pvc-protection|replicaset|resourcequota|service-lb|serviceaccount|snapshot|statefulset|taint-eviction|ttl-after-finished)-controller|pod-garbage-collector|kube-scheduler|kubelet\/.*|external-[a-z]+\/.*)$/;

/**
 * Judged at each removal of an object, and of a finalizer. An object that goes with its last finalizer goes as it was stored, so the request
 * tells what was left. A finalizer is for whoever set it to take away; one that a person set, some part may look after, which takes it away
 * when the object is being deleted and never before.
 */
export const finalizers: Invariant = {
  id: 'API-09',
  name: 'finalizers',
  kind: 'S',
  holds: 'an object goes only when its finalizers are gone; its addresses and ports are freed right then',
  watch: (_world, verdict) => {
    /** Who set it, by uid of the object, then finalizer. */
    const setters = new Map<string, Map<string, string>>();
    return {
      write(write, by) {
        const { type, object, old } = write;
        const held = old?.metadata.finalizers ?? NONE;
        if (type === 'DELETED') {
          if (held.length > 0) judgeRemoval(write, held, by, setters, verdict);
          setters.delete(object.metadata.uid);
          return;
        }
        const now = object.metadata.finalizers ?? NONE;
        if (now === held || (now.length === 0 && held.length === 0)) return;
        for (const finalizer of held) if (!now.includes(finalizer)) judgeLoss(write, finalizer, by, setters, verdict);
        for (const finalizer of now) if (by && !held.includes(finalizer)) note(setters, object.metadata.uid, finalizer, by.actor);
      },
    };
  },
};

const NONE: readonly string[] = [];
type Setters = Map<string, Map<string, string>>;

function note(setters: Setters, uid: string, finalizer: string, actor: string): void {
  const known = setters.get(uid);
  if (known) known.set(finalizer, actor);
  else setters.set(uid, new Map([[finalizer, actor]]));
}

/** The object goes. */
function judgeRemoval(
  write: CommittedWrite,
  held: readonly string[],
  by: TraceRecord | undefined,
  setters: Setters,
  verdict: Verdict,
): void {
  const left = leftBy(by, held);
  verdict.met();
  if (left.length > 0) {
    const title = titleOf(write.object);
    verdict.violated(`${by?.actor ?? 'somebody'} removed ${title}, which ${left.join(' and ')} still held`, title);
    return;
  }
  for (const finalizer of held) judgeLoss(write, finalizer, by, setters, verdict);
}

/** The object is without the finalizer now. */
function judgeLoss(
  { object, old }: CommittedWrite,
  finalizer: string,
  by: TraceRecord | undefined,
  setters: Setters,
  verdict: Verdict,
): void {
  if (!by || OF_THE_SERVER.has(finalizer) || PEOPLE.has(by.actor)) return;
  const setter = setters.get(object.metadata.uid)?.get(finalizer);
  setters.get(object.metadata.uid)?.delete(finalizer);
  if (setter === undefined || setter === by.actor) return;
  verdict.met();
  if (HANDED_ON[finalizer]?.test(by.actor)) return;
  // An operator that looks after what a person has set takes the finalizer away from what is being deleted.
  if (PEOPLE.has(setter) && old?.metadata.deletionTimestamp !== undefined && !OF_THE_CLUSTER.test(by.actor)) return;
  const title = titleOf(object);
  verdict.violated(`${by.actor} took the finalizer ${finalizer} off ${title}, which ${setter} had set`, title);
}

/** Finalizers that the request behind the removal leaves on the object. */
function leftBy(by: TraceRecord | undefined, held: readonly string[]): readonly string[] {
  switch (by?.name) {
    case 'api.Server/Update':
    case 'api.Server/UpdateStatus':
      return (by.full as UpdateRequest).object.metadata.finalizers ?? [];
    case 'api.Server/Patch':
      // What a patch of finalizers comes to depends on its type; that it speaks of them has to be enough.
      return mentionsFinalizers(by.full as PatchRequest) ? [] : held;
    default:
      return held.filter((finalizer) => !OF_DELETES.has(finalizer));
  }
}

function mentionsFinalizers({ patch }: PatchRequest): boolean {
  if (Array.isArray(patch)) return patch.some((operation: { readonly path?: string }) => operation.path?.startsWith('/metadata') ?? false);
  const metadata = (patch as { readonly metadata?: object } | undefined)?.metadata;
  return metadata !== undefined && Object.keys(metadata).some((key) => key.includes('finalizers'));
}
