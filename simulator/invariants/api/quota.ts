import { isPodActive, isTerminal, type KubeObject, parseQuantity, type Pod, type ResourceQuota, type Stored } from '@slipway/kube';
import { minutes } from '@slipway/kernel';
import type { Invariant } from '../invariant.ts';
import { titleOf } from '../titles.ts';

/** What quotas count by number, and that is counted here anew. */
const COUNTED = ['pods', 'services', 'persistentvolumeclaims', 'configmaps', 'secrets'] as const;
/** A quota is worked out anew every five minutes, whatever was missed. */
const RECOUNT = minutes(6);

/** Names by which a quota bounds the number of a resource. */
const namesOf = (resource: string): readonly string[] => [resource, `count/${resource}`];

/**
 * Counts objects by namespace, and holds them against quotas without scopes: at each creation, and what a quota says of itself when nothing
 * has gone wrong for a while. Sums of CPU and the like follow from the pods that they are admitted with.
 */
export const quota: Invariant = {
  id: 'API-11',
  name: 'quota',
  kind: 'S',
  holds: 'usage stays within quota under concurrent and failed creates, and failed ones are given back',
  watch: ({ kernel, server }, { violated, met }, { staleness }) => {
    /** By `namespace resource`: those that count for certain, and all that may. */
    const certain = new Map<string, number>();
    /** By namespace. */
    const quotas = new Map<string, Map<string, Stored<ResourceQuota>>>();
    const changed = new Map<string, number>();

    const add = (key: string, by: number): void => void certain.set(key, (certain.get(key) ?? 0) + by);
    for (const resource of COUNTED) for (const { metadata } of server.objects(resource)) add(`${metadata.namespace} ${resource}`, 1);

    const remember = (object: Stored<ResourceQuota>, isGone: boolean): void => {
      const { namespace = '', uid } = object.metadata;
      const list = quotas.get(namespace) ?? new Map<string, Stored<ResourceQuota>>();
      if (isGone) list.delete(uid);
      else if (!object.spec?.scopes && !object.spec?.scopeSelector) list.set(uid, object);
      if (list.size > 0) quotas.set(namespace, list);
      else quotas.delete(namespace);
    };
    const judge = (namespace: string, resource: string, object: Stored<KubeObject>): void => {
      for (const each of quotas.get(namespace)?.values() ?? [])
        for (const name of namesOf(resource)) {
          const hard = each.status?.hard?.[name];
          if (hard === undefined) continue;
          met();
          const count = certain.get(`${namespace} ${resource}`) ?? 0;
          if (count > numberOf(hard))
            violated(
              `${titleOf(object)} was made: ${count} ${resource} are there, and ${titleOf(each)} allows ${hard}`,
              titleOf(each),
              titleOf(object),
            );
        }
    };
    const recount = (): void => {
      for (const [namespace, list] of quotas)
        for (const each of list.values()) {
          if ((changed.get(namespace) ?? 0) + RECOUNT > kernel.now) continue;
          for (const resource of COUNTED)
            for (const name of namesOf(resource)) {
              const used = each.status?.used?.[name];
              if (used === undefined || name === 'count/pods') continue;
              met();
              const there = count(server.objects(resource), namespace);
              const isUncertain = resource === 'pods' && hasLeaving(server.objects(resource), namespace);
              if (!isUncertain && numberOf(used) !== there)
                violated(`${titleOf(each)} says that ${used} ${name} are used, and ${there} are there`, titleOf(each));
            }
        }
    };
    return {
      resources: [...COUNTED, 'resourcequotas'],
      write({ type, resource, object, old }, by) {
        const { namespace = '' } = object.metadata;
        if (resource === 'resourcequotas') {
          remember(object as Stored<ResourceQuota>, type === 'DELETED');
          if (type === 'ADDED') changed.set(namespace, kernel.now);
          return;
        }
        const [is, was] = [type !== 'DELETED' && counts(object), type !== 'ADDED' && old !== undefined && counts(old)];
        if (is === was) return;
        add(`${namespace} ${resource}`, is ? 1 : -1);
        if (!quotas.has(namespace)) return;
        changed.set(namespace, kernel.now);
        // What the server makes for itself passes no admission.
        if (type === 'ADDED' && by) judge(namespace, resource, object);
      },
      atRest() {
        if (staleness.quietFor >= RECOUNT) recount();
      },
      afterCalm: recount,
    };
  },
};

/** A pod that ended, or should be gone by now, is not charged. */
const counts = (object: KubeObject): boolean => object.kind !== 'Pod' || isPodActive(object as Pod);

function count(objects: Iterable<Stored<KubeObject>>, namespace: string): number {
  let number = 0;
  for (const object of objects)
    if (object.metadata.namespace === namespace && !(object.kind === 'Pod' && isTerminal(object as Pod))) number += 1;
  return number;
}

function hasLeaving(objects: Iterable<Stored<KubeObject>>, namespace: string): boolean {
  for (const { metadata } of objects) if (metadata.namespace === namespace && metadata.deletionTimestamp !== undefined) return true;
  return false;
}

const numberOf = (quantity: string): number => Number(parseQuantity(quantity).nano) / 1e9;
