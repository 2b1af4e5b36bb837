import { type Micros, minutes, type TraceRecord } from '@slipway/kernel';
import type { EndpointSlice, KubeObject, Pod, Stored } from '@slipway/kube';
import type { Invariant } from '../invariant.ts';

/** Controllers and proxies learn of what became of a pod a little later. */
const GRACE: Micros = minutes(1);

/** Whose slices follow pods: others' (an operator's, a user's) are their own. Source: kubernetes, `pkg/controller/endpointslice`. */
const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
const CONTROLLER = 'endpointslice-controller.k8s.io';

interface Served {
  readonly slice: string;
  readonly address: string;
  /** Of the pod that it names. */
  readonly uid: string;
  readonly pod: string;
}

interface Gone {
  readonly at: Micros;
  readonly how: string;
}

/**
 * A slice may lag behind: judged at rest and when the calm is over, of what has been wrong for a while in which no fault struck. And at
 * each request that a Service sent to a pod: the endpoint whose pod is gone for that long must not lead to another.
 */
export const noAlias: Invariant = {
  id: 'NET-10',
  name: 'no-alias',
  kind: 'L',
  holds: 'an address is never served for two pods: old endpoint withdrawn before reuse matters',
  watch: ({ kernel, server }, verdict, { staleness }) => {
    const { violated, met } = verdict;
    const slices = new Map<string, readonly Served[]>();
    /** How many endpoints name a pod, by uid: of what nobody names nothing need be remembered. */
    const named = new Map<string, number>();
    /** Pods that an endpoint must not name any more, by uid. */
    const gone = new Map<string, Gone>();
    const reported = new Set<string>();
    /** Nothing has gone wrong for a while. */
    const isQuiet = (): boolean => staleness.quietFor >= GRACE;

    const count = (served: readonly Served[], by: 1 | -1): void => {
      for (const { uid } of served) {
        const now = (named.get(uid) ?? 0) + by;
        if (now > 0) named.set(uid, now);
        else {
          named.delete(uid);
          if (by < 0) gone.delete(uid);
        }
      }
    };

    const report = ({ slice, address, pod, uid }: Served, why: string): void => {
      const key = `${slice} ${address} ${uid}`;
      if (reported.has(key)) return;
      if (!verdict.isAsking) reported.add(key);
      violated(`EndpointSlice ${slice} serves ${address} for pod ${pod}, ${why}`, `EndpointSlice ${slice}`, `Pod ${pod}`);
    };

    const judge = (): void => {
      if (!isQuiet()) return;
      const owners = new Map<string, Served>();
      for (const served of slices.values()) {
        for (const each of served) {
          met();
          const why = gone.get(each.uid);
          if (why) {
            if (kernel.now - why.at >= GRACE) report(each, why.how);
            continue;
          }
          const other = owners.get(each.address);
          if (!other) owners.set(each.address, each);
          else if (other.uid !== each.uid && isOwnAddress(each) && isOwnAddress(other)) report(each, `and for pod ${other.pod} as well`);
        }
      }
    };

    /** Pods on their node's network share its address rightly. */
    const isOwnAddress = ({ pod, uid, address }: Served): boolean => {
      const [namespace, name = ''] = pod.split('/');
      const found = server.peek('pods', namespace, name) as Stored<Pod> | undefined;
      return (
        found?.metadata.uid === uid &&
        found.spec.hostNetwork !== true &&
        found.status?.podIPs?.some(({ ip }) => ip === address) === true &&
        found.metadata.deletionTimestamp === undefined
      );
    };

    return {
      resources: ['pods', 'endpointslices'],
      write({ resource, type, object }) {
        if (resource === 'pods') {
          const { uid } = object.metadata;
          if (type === 'DELETED') {
            if (named.has(uid)) gone.set(uid, { at: kernel.now, how: 'which is gone' });
          } else if (!isFinished(object as Pod)) gone.delete(uid);
          else if (named.has(uid) && !gone.has(uid)) gone.set(uid, { at: kernel.now, how: 'which has ended' });
          return;
        }
        const key = `${object.metadata.namespace}/${object.metadata.name}`;
        const served = type === 'DELETED' || object.metadata.labels?.[MANAGED_BY] !== CONTROLLER ? [] : servedBy(key, object);
        const before = slices.get(key) ?? [];
        count(served, 1);
        count(before, -1);
        if (served.length > 0) slices.set(key, served);
        else slices.delete(key);
        for (const { uid, pod } of served) {
          if (gone.has(uid) || before.some((each) => each.uid === uid)) continue;
          const [namespace, name = ''] = pod.split('/');
          // Written by somebody who had not heard of its end.
          if (server.peek('pods', namespace, name)?.metadata.uid !== uid) gone.set(uid, { at: kernel.now, how: 'which is gone' });
        }
      },
      trace(record) {
        if (record.kind === 'decision' && record.name === 'traffic/request') judgeRequest(record);
      },
      atRest: judge,
      afterCalm: judge,
    };

    function judgeRequest({ full }: TraceRecord): void {
      const steps = (full ?? []) as readonly { readonly stage: string; readonly what: string }[];
      const service = steps.findLast(({ stage }) => stage === 'service')?.what;
      const pod = /^pod (\S+) (\S+):\d+/.exec(steps.findLast(({ stage }) => stage === 'deliver')?.what ?? '');
      if (service === undefined || pod?.[2] === undefined || gone.size === 0 || !isQuiet()) return;
      for (const served of slices.values()) {
        const stale = served.find(({ uid, address }) => address === pod[2] && gone.has(uid));
        const since = stale && gone.get(stale.uid);
        if (!stale || !since || stale.pod === pod[1] || kernel.now - since.at < GRACE) continue;
        report(stale, `${since.how}, and a request for Service ${service.slice(0, service.indexOf(':'))} reached pod ${pod[1]} instead`);
      }
    }
  },
};

function servedBy(slice: string, object: KubeObject): readonly Served[] {
  const { endpoints, metadata } = object as EndpointSlice;
  return (endpoints ?? []).flatMap(({ addresses, targetRef }) => {
    const { uid } = targetRef ?? {};
    if (targetRef?.kind !== 'Pod' || uid === undefined) return [];
    const pod = `${targetRef.namespace ?? metadata.namespace}/${targetRef.name}`;
    return addresses.map((address) => ({ slice, address, uid, pod }));
  });
}

const isFinished = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed';
