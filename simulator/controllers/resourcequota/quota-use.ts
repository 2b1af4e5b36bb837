import type { SharedInformers } from '@slipway/client';
import {
  addUsage,
  isChargedPod,
  isEqual,
  isInScopes,
  isQuotaNameOf,
  type Kind,
  kinds,
  type KubeObject,
  type Pod,
  quotaUsage,
  type ResourceList,
  type ResourceQuota,
  scopesOf,
  type Stored,
} from '@slipway/kube';

const countable: readonly Kind[] = kinds.filter(({ namespaced }) => namespaced);

/** Name of the index by namespace that the informers of counted kinds have. */
export const BY_NAMESPACE = 'quota';

/** Kinds whose objects the quota bounds. Bounds of custom kinds are not counted. */
export function boundKinds({ spec }: ResourceQuota): readonly Kind[] {
  const names = Object.keys(spec?.hard ?? {});
  return countable.filter((kind) => names.some((name) => isQuotaNameOf(name, kind)));
}

/** What the namespace takes of all that the quota bounds. Source: `apiserver/pkg/quota/v1/resources.go`, CalculateUsage. */
export function useOf(quota: Stored<ResourceQuota>, informers: SharedInformers, now: number): ResourceList {
  const names = Object.keys(quota.spec?.hard ?? {});
  const use: Record<string, string> = {};
  for (const kind of boundKinds(quota)) {
    const bounded = names.filter((name) => isQuotaNameOf(name, kind));
    for (const name of bounded) use[name] ??= '0';
    // Only pods have scopes: a quota with some counts nothing else.
    const isPod = kind.group === '' && kind.plural === 'pods';
    if (!isPod && scopesOf(quota).length > 0) continue;
    for (const object of informers.get<KubeObject>(kind.plural).byIndex(BY_NAMESPACE, quota.metadata.namespace ?? '')) {
      if (isPod && !isInScopes(quota, object as Stored<Pod>)) continue;
      const usage = quotaUsage(kind, object, now);
      const masked = Object.fromEntries(Object.entries(usage).filter(([name]) => bounded.includes(name)));
      Object.assign(use, addUsage(use, masked));
    }
  }
  return use;
}

/** Whether the change may have given something back. What it takes more has been charged by the API server. */
export function givesBack(kind: Kind, old: Stored<KubeObject> | undefined, object: Stored<KubeObject> | undefined, now: number): boolean {
  if (!object) return true;
  if (!old || kind.group !== '') return false;
  if (kind.plural === 'pods') return isChargedPod(old as Stored<Pod>, now) && !isChargedPod(object as Stored<Pod>, now);
  if (kind.plural !== 'services' && kind.plural !== 'persistentvolumeclaims') return false;
  return !isEqual(quotaUsage(kind, old, now), quotaUsage(kind, object, now));
}
