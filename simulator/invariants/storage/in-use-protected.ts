import type { PersistentVolumeClaim, Pod } from '@slipway/kube';
import { finalizers } from '@slipway/kube';
import type { Invariant } from '../invariant.ts';
import { podTitle, titleOf } from '../titles.ts';
import { claimNames, isOver } from './pod-claims.ts';

/**
 * A pod counts from when it has a node until it has ended. One that got its node only after the claim was to go may have been overlooked:
 * its scheduler did not know. A person may take the mark off by hand.
 */
export const inUseProtected: Invariant = {
  id: 'CSI-12',
  name: 'in-use-protected',
  kind: 'S',
  holds: 'a claim used by a live pod is not removed; one used by none does not linger',
  watch: ({ server, kernel }, { violated, met }) => {
    /** Pods with a node, and the trace event since which they have it, by the claims that they use. */
    const users = new Map<string, Map<string, number>>();
    const notePod = (pod: Pod, gone: boolean): void => {
      const { namespace = '', name } = pod.metadata;
      const uses = !gone && (pod.spec.nodeName ?? '') !== '' && !isOver(pod);
      for (const claim of claimNames(pod)) {
        const key = `${namespace}/${claim}`;
        let pods = users.get(key);
        if (!uses) {
          pods?.delete(name);
          if (pods?.size === 0) users.delete(key);
          continue;
        }
        if (!pods) users.set(key, (pods = new Map()));
        if (!pods.has(name)) pods.set(name, kernel.traceSequence);
      }
    };
    /** When claims were to go, by uid, and whether a person has taken marks off since. */
    const leaving = new Map<string, { readonly since: number; byHand: boolean }>();
    return {
      resources: ['pods', 'persistentvolumeclaims'],
      write({ resource, type, object, old }, by) {
        if (resource === 'pods') {
          if ((object as Pod).spec.volumes) notePod(object as Pod, type === 'DELETED');
          return;
        }
        const { uid, namespace = '', name, deletionTimestamp } = object.metadata;
        if (type !== 'DELETED') {
          if (deletionTimestamp === undefined) return;
          const since = leaving.get(uid) ?? { since: kernel.traceSequence, byHand: false };
          leaving.set(uid, since);
          if (isMarked(old) && !isMarked(object)) since.byHand = by?.actor === 'kubectl';
          return;
        }
        const left = leaving.get(uid);
        leaving.delete(uid);
        // Never marked, or taken away in one step.
        if (!left || left.byHand || by?.actor === 'kubectl') return;
        met();
        for (const [pod, since] of users.get(`${namespace}/${name}`) ?? []) {
          if (since >= left.since) continue;
          const user = server.peek('pods', namespace, pod);
          violated(
            `${by?.actor ?? 'somebody'} let ${titleOf(object)} go, which Pod ${namespace}/${pod} uses`,
            titleOf(object),
            ...(user ? [podTitle(user)] : []),
          );
        }
      },
      afterCalm() {
        for (const object of server.objects('persistentvolumeclaims')) {
          const { deletionTimestamp, namespace = '', name } = object.metadata;
          if (deletionTimestamp === undefined || !isMarked(object as unknown as PersistentVolumeClaim)) continue;
          met();
          if (!users.has(`${namespace}/${name}`))
            violated(`${titleOf(object)} is to go and no pod uses it, and it is still protected`, titleOf(object));
        }
      },
    };
  },
};

const isMarked = (claim: Pick<PersistentVolumeClaim, 'metadata'> | undefined): boolean =>
  claim?.metadata.finalizers?.includes(finalizers.pvcProtection) ?? false;
