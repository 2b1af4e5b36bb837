import type { ApiClient } from '@slipway/client';
import { CycleState } from '../framework/cycle-state.ts';
import type { Framework } from '../framework/framework.ts';
import type { SchedulerPlugin } from '../framework/types.ts';
import { SchedulerCache } from '../cache/cache.ts';
import { podInfoOf } from '../cache/pod-info.ts';
import { defaultProfile, frameworkOf, type Profile } from '../profile.ts';
import type { Node, Pod } from '@slipway/kube';

/** A framework that decides but never binds: these tests end before the API is reached. */
export function decidingFramework(profile: Profile = defaultProfile, plugins: readonly SchedulerPlugin[] = []): Framework {
  const unreachable = new Proxy({} as ApiClient, {
    get(_target, name) {
      throw new Error(`a decision reached the API: ${String(name)}`);
    },
  });
  return frameworkOf(profile, { api: unreachable }, plugins);
}

/** A cache that knows these nodes and placed pods. */
export function cacheOf(nodes: readonly Node[], placed: readonly Pod[] = []): SchedulerCache {
  const cache = new SchedulerCache();
  for (const node of nodes) cache.setNode(node);
  for (const pod of placed) cache.setPod(pod);
  return cache;
}

export const stateFor = (pod: Pod, cache: SchedulerCache): CycleState => new CycleState(podInfoOf(pod), cache.updateSnapshot());
