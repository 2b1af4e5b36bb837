import type { Pod } from '@slipway/kube';
import {
  type ClusterEvent,
  type ClusterEventWithHint,
  covers,
  type EventResource,
  eventLabel,
  type QueueingHintFn,
} from './cluster-event.ts';
import type {
  BindPlugin,
  FilterPlugin,
  PermitPlugin,
  Plugin,
  PostBindPlugin,
  PostFilterPlugin,
  PreBindPlugin,
  PreEnqueuePlugin,
  PreFilterPlugin,
  PreScorePlugin,
  QueueSortPlugin,
  ReservePlugin,
  SchedulerPlugin,
  ScorePlugin,
} from './types.ts';

/** A scoring plugin and how much it counts. */
export interface WeightedScorer {
  readonly plugin: ScorePlugin;
  readonly weight: number;
}

/** A plugin and the weight of its score, if the profile gives one; otherwise its own, otherwise 1. */
export interface FrameworkEntry {
  readonly plugin: SchedulerPlugin;
  readonly weight?: number | undefined;
}

/** A plugin that wants to hear of an event. */
export interface Listener {
  readonly plugin: string;
  readonly hint: QueueingHintFn | undefined;
}

/** Plugins sorted by extension point, each list in the profile's order. Source: `pkg/scheduler/framework/runtime/framework.go`. */
export class Framework {
  readonly schedulerName: string;
  readonly percentageOfNodesToScore: number;
  readonly plugins: readonly SchedulerPlugin[];
  readonly preEnqueue: readonly PreEnqueuePlugin[];
  readonly queueSort: QueueSortPlugin;
  readonly preFilter: readonly PreFilterPlugin[];
  readonly filter: readonly FilterPlugin[];
  readonly postFilter: readonly PostFilterPlugin[];
  readonly preScore: readonly PreScorePlugin[];
  readonly score: readonly WeightedScorer[];
  readonly reserve: readonly ReservePlugin[];
  readonly permit: readonly PermitPlugin[];
  readonly preBind: readonly PreBindPlugin[];
  readonly bind: readonly BindPlugin[];
  readonly postBind: readonly PostBindPlugin[];
  readonly #listeners = new Map<string, readonly Listener[]>();

  /** @param entries in order */
  constructor(entries: readonly FrameworkEntry[], options: { readonly schedulerName: string; readonly percentageOfNodesToScore?: number }) {
    this.schedulerName = options.schedulerName;
    this.percentageOfNodesToScore = options.percentageOfNodesToScore ?? 0;
    const plugins = entries.map(({ plugin }) => plugin);
    const weights = new Map<Plugin, number | undefined>(entries.map(({ plugin, weight }) => [plugin, weight ?? plugin.weight]));
    this.plugins = plugins;
    const having = <P extends Plugin>(method: keyof P & keyof SchedulerPlugin): readonly P[] =>
      plugins.filter((plugin) => plugin[method] !== undefined) as readonly Plugin[] as readonly P[];
    this.preEnqueue = having<PreEnqueuePlugin>('preEnqueue');
    this.preFilter = having<PreFilterPlugin>('preFilter');
    this.filter = having<FilterPlugin>('filter');
    this.postFilter = having<PostFilterPlugin>('postFilter');
    this.preScore = having<PreScorePlugin>('preScore');
    this.score = having<ScorePlugin>('score').map((plugin) => ({ plugin, weight: weights.get(plugin) ?? 1 }));
    this.reserve = having<ReservePlugin>('reserve');
    this.permit = having<PermitPlugin>('permit');
    this.preBind = having<PreBindPlugin>('preBind');
    this.bind = having<BindPlugin>('bind');
    this.postBind = having<PostBindPlugin>('postBind');
    const sorters = having<QueueSortPlugin>('less');
    const [sorter] = sorters;
    if (sorter === undefined || sorters.length > 1) {
      throw new RangeError(`a profile has exactly one QueueSort plugin, not ${sorters.map(({ name }) => name).join(' and ') || 'none'}`);
    }
    if (this.bind.length === 0) throw new RangeError('a profile has at least one Bind plugin');
    this.queueSort = sorter;
  }

  /** Who may change their mind about a pod after this event; worked out once per sort of event. */
  listeners(event: ClusterEvent): readonly Listener[] {
    const key = eventLabel(event);
    let known = this.#listeners.get(key);
    if (!known) {
      known = this.plugins.filter(canReject).flatMap((plugin) => {
        const registered: readonly ClusterEventWithHint[] = plugin.eventsToRegister ?? everything;
        return registered.filter((registration) => covers(registration, event)).map(({ hint }) => ({ plugin: plugin.name, hint }));
      });
      this.#listeners.set(key, known);
    }
    return known;
  }

  /** Whether any plugin wants to hear of a kind of object at all. */
  hears(resource: EventResource): boolean {
    return this.plugins.filter(canReject).some((plugin) => {
      const registered: readonly ClusterEventWithHint[] = plugin.eventsToRegister ?? everything;
      return registered.some((registration) => registration.resource === resource || registration.resource === '*');
    });
  }

  /** The first gate that holds the pod back, if any. */
  gateOf(pod: Pod): PreEnqueuePlugin | undefined {
    return this.preEnqueue.find((plugin) => plugin.preEnqueue(pod).code !== 'Success');
  }
}

/** What a plugin hears of that does not say. */
const everything: readonly ClusterEventWithHint[] = [{ resource: '*', actionType: ['Add', 'Update', 'Delete'] }];

/** Only these points refuse pods. */
function canReject({ preEnqueue, preFilter, filter, reserve, permit }: SchedulerPlugin): boolean {
  return [preEnqueue, preFilter, filter, reserve, permit].some((method) => method !== undefined);
}
