import type { CreateRequest } from '@slipway/client';
import { type Micros, minutes, type TraceRecord } from '@slipway/kernel';
import {
  controllerOf,
  type DaemonSet,
  isPodActive,
  type Job,
  type KubeObject,
  type OwnerReference,
  type Pod,
  type ReplicaSet,
  type Stored,
} from '@slipway/kube';
import type { ApiServer } from '../../apiserver/index.ts';
import { UNCERTAIN } from '../facts/published-volumes.ts';
import type { Invariant } from '../invariant.ts';
import { titleOf } from '../titles.ts';
import { nodeOfPod } from './daemon-node.ts';

/** A wish that was taken back so recently may still be acted on. */
const RECENT: Micros = minutes(10);
/** A controller forgets what it waits for after five minutes. Source: kubernetes, `pkg/controller/controller_utils.go` ExpectationsTimeout. */
const FORGETTING: Micros = minutes(5);
const RESOURCES: Readonly<Record<string, string>> = { ReplicaSet: 'replicasets', Job: 'jobs', DaemonSet: 'daemonsets' };

/** What a controller wanted lately: the highest number counts. */
interface Wish {
  readonly until: Micros;
  readonly pods: number;
}

/**
 * Judged at each creation by a controller. What counts is alive and not being deleted; a create that may or may not have been carried out
 * is the network's fault, and so is a controller that begins anew while one is on its way, or is told of the past.
 */
export const noOvershoot: Invariant = {
  id: 'API-10',
  name: 'no-overshoot',
  kind: 'S',
  holds: 'a controller never has more replicas alive than desired plus surge, however slow its cache',
  watch: ({ kernel, server }, { violated, met }) => {
    /** Pods that are alive, by uid of their controller. */
    const alive = new Map<string, Map<string, string>>();
    const wishes = new Map<string, Wish[]>();
    /** Creates of which nobody knows what became, by uid of the controller. */
    const uncertain = new Map<string, number>();
    let distrust: Micros = 0;

    const forget = (owner: string, uid: string): void => {
      const pods = alive.get(owner);
      pods?.delete(uid);
      if (pods?.size === 0) alive.delete(owner);
    };
    const doubt = (call: TraceRecord | undefined): void => {
      const { resource, object } = (call?.full ?? {}) as Partial<CreateRequest>;
      const owner = resource === 'pods' && object ? controllerOf(object)?.uid : undefined;
      if (owner !== undefined) uncertain.set(owner, (uncertain.get(owner) ?? 0) + 1);
    };
    const judge = (pod: Stored<Pod>, owner: OwnerReference, by: TraceRecord): void => {
      if (distrust > kernel.now) return;
      const object = ownerOf(server, owner, pod);
      if (!object) return;
      const place = object.kind === 'DaemonSet' ? nodeOfPod(pod) : '';
      let count = 0;
      for (const where of alive.get(owner.uid)?.values() ?? []) if (where === place) count += 1;
      const lately = (wishes.get(owner.uid) ?? []).filter(({ until }) => until + RECENT > kernel.now);
      const wanted = Math.max(wantedBy(object), ...lately.map(({ pods }) => pods));
      met();
      const allowed = wanted + (uncertain.get(owner.uid) ?? 0);
      if (count <= allowed) return;
      const where = place === '' ? '' : ` on ${place}`;
      violated(
        `${by.actor} made ${titleOf(pod)}: ${titleOf(object)} has ${count} pods alive${where} and wants ${wanted}`,
        titleOf(object),
        titleOf(pod),
      );
    };
    return {
      fault({ name, subject, data }) {
        const isOld = name.startsWith('api.') && data[0] === 'answered by another';
        const isAnew = (name === 'fault/down' && subject === 'kube-controller-manager') || data[0] === 'caller crashes';
        if (isOld || isAnew) distrust = kernel.now + FORGETTING;
      },
      answered: {
        'api.Server/Create'({ call, code, ok }) {
          if (!ok && (UNCERTAIN.has(code) || code === 'Timeout' || code === 'ServerTimeout')) doubt(call);
        },
      },
      resources: ['pods', ...Object.values(RESOURCES)],
      write({ type, resource, object, old }, by) {
        if (resource !== 'pods') {
          if (type === 'DELETED') {
            wishes.delete(object.metadata.uid);
            uncertain.delete(object.metadata.uid);
          } else if (old && wantedBy(old) > wantedBy(object)) {
            const list = wishes.get(object.metadata.uid)?.filter(({ until }) => until + RECENT > kernel.now) ?? [];
            wishes.set(object.metadata.uid, [...list, { until: kernel.now, pods: wantedBy(old) }]);
          }
          return;
        }
        const pod = object as Stored<Pod>;
        const owner = controllerOf(pod);
        const before = old && controllerOf(old);
        if (before && before.uid !== owner?.uid) forget(before.uid, pod.metadata.uid);
        if (!owner || !(owner.kind in RESOURCES)) return;
        if (type === 'DELETED' || !isPodActive(pod)) {
          forget(owner.uid, pod.metadata.uid);
          return;
        }
        const pods = alive.get(owner.uid) ?? new Map<string, string>();
        alive.set(owner.uid, pods);
        pods.set(pod.metadata.uid, owner.kind === 'DaemonSet' ? nodeOfPod(pod) : '');
        if (type === 'ADDED' && by && by.actor !== 'kubectl') judge(pod, owner, by);
      },
    };
  },
};

function ownerOf(server: ApiServer, { kind, name, uid }: OwnerReference, { metadata }: Stored<Pod>): Stored<KubeObject> | undefined {
  const owner = server.peek(RESOURCES[kind] ?? '', metadata.namespace, name);
  return owner?.metadata.uid === uid ? owner : undefined;
}

function wantedBy(object: KubeObject): number {
  switch (object.kind) {
    case 'ReplicaSet':
      return (object as ReplicaSet).spec.replicas ?? 1;
    case 'Job':
      return (object as Job).spec.parallelism ?? 1;
    default: {
      const { maxSurge = 0 } = (object as DaemonSet).spec.updateStrategy?.rollingUpdate ?? {};
      return maxSurge === 0 || maxSurge === '0%' ? 1 : 2;
    }
  }
}
