import { type Micros, minutes } from '@slipway/kernel';
import { formatResourceAmount, isTerminal, type Pod, resourceAmount, type Stored } from '@slipway/kube';
import { containersOf, mayRun } from '../facts/runtime-objects.ts';
import { isEnding } from '../facts/scheduled-pods.ts';
import type { Invariant } from '../invariant.ts';
import { effectiveRequests } from '../scheduling/requests.ts';
import { podTitle } from '../titles.ts';

/** A pod that ended a moment ago may still be on its way out. */
const LEAVING: Micros = minutes(2);

/** Judged when a kubelet refuses a pod for want of a resource: beside all that may hold some, there must be too little. Not while watches may lag. */
export const admissionBooks: Invariant = {
  id: 'KUB-09',
  name: 'admission-books',
  kind: 'S',
  holds: 'rejected or finished pods hold no resources in node admission',
  watch: (world, { violated, met }, { runtime, staleness, nodes }) => {
    let ended: { readonly pod: Stored<Pod>; readonly at: Micros }[] = [];
    return {
      resources: ['pods'],
      write(write, by) {
        const pod = write.object as Stored<Pod>;
        const { now } = world.kernel;
        const node = pod.spec.nodeName;
        if (!node) return;
        if (isEnding(write) && !isRefused(pod)) {
          ended = ended.filter(({ at }) => now - at < LEAVING);
          ended.push({ pod, at: now });
        }
        if (by?.actor !== `kubelet/${node}` || !isRefused(pod) || isRefused(write.old as Pod)) return;
        const resource = (pod.status?.reason ?? '').slice('OutOf'.length);
        const allocatable = nodes.now(node)?.status?.allocatable?.[resource];
        const since = staleness.seenSince(now - LEAVING);
        if (allocatable === undefined || since === 0 || staleness.quietFor < 2 * LEAVING || nodes.since(node, since).length > 1) return;
        met();
        const amountOf = (other: Stored<Pod>): number => (resource === 'pods' ? 1 : (effectiveRequests(other).get(resource) ?? 0));
        const holds = (other: Stored<Pod>): boolean => {
          if (other.spec.nodeName !== node || other.metadata.uid === pod.metadata.uid) return false;
          if (!isTerminal(other)) return true;
          const observed = runtime.pod(other.metadata.uid);
          return observed !== undefined && [...observed.sandboxes].some((sandbox) => [...containersOf(sandbox)].some(mayRun));
        };
        const holders = new Map<string, Stored<Pod>>();
        for (const each of world.server.objects('pods')) {
          const other = each as Stored<Pod>;
          if (holds(other)) holders.set(other.metadata.uid, other);
        }
        for (const each of ended)
          if (each.pod.spec.nodeName === node && now - each.at < LEAVING) holders.set(each.pod.metadata.uid, each.pod);
        const used = [...holders.values()].reduce((sum, other) => sum + amountOf(other), 0);
        const limit = resourceAmount(resource, allocatable);
        if (used + amountOf(pod) > limit) return;
        const [own, others, all] = [amountOf(pod), used, limit].map((amount) => formatResourceAmount(resource, amount));
        violated(
          `${by.actor} refused ${podTitle(pod)} for want of ${resource}: it asks for ${own}, and others hold ${others} of ${all} at most`,
          podTitle(pod),
          `Node ${node}`,
        );
      },
    };
  },
};

const isRefused = ({ status }: Pod): boolean => status?.phase === 'Failed' && (status.reason ?? '').startsWith('OutOf');
