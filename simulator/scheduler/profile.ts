import type { ApiClient } from '@slipway/client';
import { Framework, type FrameworkEntry } from './framework/framework.ts';
import type { SchedulerPlugin } from './framework/types.ts';
import { defaultBinder } from './plugins/default-binder.ts';
import { DefaultPreemption } from './plugins/default-preemption/default-preemption.ts';
import { imageLocality } from './plugins/image-locality.ts';
import { interPodAffinity } from './plugins/inter-pod-affinity/inter-pod-affinity.ts';
import { nodeAffinity } from './plugins/node-affinity.ts';
import { nodeName } from './plugins/node-name.ts';
import { nodePorts } from './plugins/node-ports.ts';
import { balancedAllocation } from './plugins/node-resources/balanced-allocation.ts';
import { nodeResourcesFit, type ScoringStrategy } from './plugins/node-resources/fit.ts';
import { nodeUnschedulable } from './plugins/node-unschedulable.ts';
import { nodeVolumeLimits } from './plugins/node-volume-limits.ts';
import { podTopologySpread } from './plugins/pod-topology-spread/pod-topology-spread.ts';
import { prioritySort } from './plugins/priority-sort.ts';
import { schedulingGates } from './plugins/scheduling-gates.ts';
import { taintToleration } from './plugins/taint-toleration.ts';
import { volumeBinding } from './plugins/volume-binding/volume-binding.ts';
import { volumeRestrictions } from './plugins/volume-restrictions.ts';
import { volumeZone } from './plugins/volume-zone.ts';

/** A plugin of a profile: by name, with the weight of its score. Data, so that it can stand in a file. */
export interface ProfilePlugin {
  readonly name: string;
  readonly weight?: number;
  /** NodeResourcesFit only. */
  readonly scoringStrategy?: ScoringStrategy;
}

/** Which plugins a scheduler runs, in which order. Source: `KubeSchedulerProfile`. */
export interface Profile {
  readonly schedulerName: string;
  readonly plugins: readonly ProfilePlugin[];
  /** 1 to 100; 0 (the default) adapts to the number of nodes. */
  readonly percentageOfNodesToScore?: number;
}

/** Upstream's default profile, in its order and with its weights, as far as the plugins exist here (`apis/config/v1/default_plugins.go`). */
export const defaultProfile: Profile = {
  schedulerName: 'default-scheduler',
  plugins: [
    { name: 'SchedulingGates' },
    { name: 'PrioritySort' },
    { name: 'NodeUnschedulable' },
    { name: 'NodeName' },
    { name: 'TaintToleration', weight: 3 },
    { name: 'NodeAffinity', weight: 2 },
    { name: 'NodePorts' },
    { name: 'NodeResourcesFit', weight: 1 },
    { name: 'VolumeRestrictions' },
    { name: 'NodeVolumeLimits' },
    { name: 'VolumeBinding' },
    { name: 'VolumeZone' },
    { name: 'PodTopologySpread', weight: 2 },
    { name: 'InterPodAffinity', weight: 2 },
    { name: 'DefaultPreemption' },
    { name: 'NodeResourcesBalancedAllocation', weight: 1 },
    { name: 'ImageLocality', weight: 1 },
    { name: 'DefaultBinder' },
  ],
};

type Factory = (entry: ProfilePlugin, context: { readonly api: ApiClient }) => SchedulerPlugin;

const builtIn: Readonly<Record<string, Factory>> = {
  SchedulingGates: () => schedulingGates,
  PrioritySort: () => prioritySort,
  NodeUnschedulable: () => nodeUnschedulable,
  NodeName: () => nodeName,
  TaintToleration: () => taintToleration,
  NodeAffinity: () => nodeAffinity,
  NodePorts: () => nodePorts,
  NodeResourcesFit: ({ scoringStrategy }) => nodeResourcesFit(scoringStrategy),
  VolumeRestrictions: () => volumeRestrictions(),
  NodeVolumeLimits: () => nodeVolumeLimits(),
  VolumeBinding: () => volumeBinding(),
  VolumeZone: () => volumeZone(),
  PodTopologySpread: () => podTopologySpread,
  InterPodAffinity: () => interPodAffinity(),
  DefaultPreemption: () => new DefaultPreemption(),
  NodeResourcesBalancedAllocation: () => balancedAllocation(),
  ImageLocality: () => imageLocality,
  DefaultBinder: (_entry, { api }) => defaultBinder(api),
};

/** Names that a profile may use. */
export const builtInPlugins: readonly string[] = Object.keys(builtIn);

/**
 * A profile's plugins, ready to run, and `added` ones: one with the name of a built-in takes its place; one that sorts the queue
 * replaces the sorter; one that binds goes before the binders there are; all others come last.
 *
 * @throws RangeError for a name that is neither built in nor added.
 */
export function frameworkOf(profile: Profile, context: { readonly api: ApiClient }, added: readonly SchedulerPlugin[] = []): Framework {
  const byName = new Map(added.map((plugin) => [plugin.name, plugin]));
  const named = profile.plugins.map((entry): FrameworkEntry => {
    const own = byName.get(entry.name);
    byName.delete(entry.name);
    const plugin = own ?? builtIn[entry.name]?.(entry, context);
    if (!plugin) throw new RangeError(`there is no scheduler plugin "${entry.name}"; built in are: ${builtInPlugins.join(', ')}`);
    return { plugin, weight: entry.weight };
  });
  const rest = [...byName.values()].map((plugin): FrameworkEntry => ({ plugin }));
  const kept = rest.some(({ plugin }) => plugin.less) ? named.filter(({ plugin }) => !plugin.less) : named;
  const binders = rest.filter(({ plugin }) => plugin.bind);
  const plugins = [...binders, ...kept, ...rest.filter(({ plugin }) => !plugin.bind)];
  const { schedulerName, percentageOfNodesToScore } = profile;
  return new Framework(plugins, { schedulerName, ...(percentageOfNodesToScore !== undefined && { percentageOfNodesToScore }) });
}
