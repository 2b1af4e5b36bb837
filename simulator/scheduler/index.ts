/**
 * The kube-scheduler of Kubernetes 1.36: framework, profile, queues, cache and shell.
 *
 * Read in this order: `framework/types.ts` (extension points under upstream's names), one file of `plugins/`, `framework/run-cycle.ts`
 * (one pod's way to a node, a pure function of a snapshot), `queue/scheduling-queue.ts` (who is tried when), `scheduler.ts` (the shell
 * that talks to the API). A user's plugin is one object with a name and any of the extension points; `createScheduler` takes it as it is.
 *
 * Differences by design. One worker searches nodes, in list order, where upstream has up to 16 and takes them in order of completion.
 * An attempt takes a constant `ATTEMPT_TIME` of virtual time, and there is no client-side rate limit. OpportunisticBatching is left out:
 * it changes a choice only where each node takes one pod of a kind. Preemption's random offset comes from the world's seed.
 *
 * Not here: in-tree volumes (which are not simulated), DynamicResources, NodeDeclaredFeatures, extenders, several profiles in one process,
 * gang scheduling, the arguments `addedAffinity` and `defaultConstraints`.
 */
export { type LabelMatcher } from './cache/label-matcher.ts';
export type { ImageState, NodeInfo } from './cache/node-info.ts';
export { type PodInfo, podInfoOf } from './cache/pod-info.ts';
export { amountOf, type Resource } from './cache/resource.ts';
export type { MatchingPods, Snapshot } from './cache/snapshot.ts';
export type { FilterVerdict, NodeScore, PlacementDetail } from './decision-record.ts';
export type {
  ActionType,
  ClusterEvent,
  ClusterEventWithHint,
  EventResource,
  QueueingHint,
  QueueingHintFn,
} from './framework/cluster-event.ts';
export { CycleState, StateKey } from './framework/cycle-state.ts';
export { defaultNormalizeScore } from './framework/normalize-score.ts';
export type { NodeToStatus, NodeVerdict } from './framework/node-to-status.ts';
export {
  error,
  isRejected,
  isSuccess,
  messageOfStatus,
  pending,
  skip,
  type Status,
  type StatusCode,
  success,
  unschedulable,
  unschedulableAndUnresolvable,
  wait,
} from './framework/status.ts';
export type * from './framework/types.ts';
export type { ScoringStrategy } from './plugins/node-resources/fit.ts';
export type { ShapePoint, WeightedResource } from './plugins/node-resources/resource-scorers.ts';
export { builtInPlugins, defaultProfile, type Profile, type ProfilePlugin } from './profile.ts';
export type { VolumeView } from './volumes/volume-view.ts';
export { ATTEMPT_TIME, createScheduler, Scheduler, type SchedulerOptions } from './scheduler.ts';
