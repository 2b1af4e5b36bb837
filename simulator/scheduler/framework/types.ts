import type { ApiClient } from '@slipway/client';
import type { Micros, Process, Random } from '@slipway/kernel';
import type { Pod, PodDisruptionBudget } from '@slipway/kube';
import type { NodeInfo } from '../cache/node-info.ts';
import type { PodInfo } from '../cache/pod-info.ts';
import type { Snapshot } from '../cache/snapshot.ts';
import type { ClusterEventWithHint } from './cluster-event.ts';
import type { CycleState } from './cycle-state.ts';
import type { NodeToStatus } from './node-to-status.ts';
import type { VolumeCaches } from '../volumes/volume-caches.ts';
import type { Status } from './status.ts';

// Extension points under upstream's names, in the order in which a cycle meets them.
// Source: `staging/src/k8s.io/kube-scheduler/framework/interface.go`.
// Everything up to PostFilter is a pure function of pod, snapshot and cycle state: no clock, no store, no waiting.

/** Highest score of one plugin for one node, after normalising. */
export const MAX_NODE_SCORE = 100;

/** What every plugin has. */
export interface Plugin {
  readonly name: string;
  /** A pod that this plugin refused is worth another try only after one of these. Left out: after any event. */
  readonly eventsToRegister?: readonly ClusterEventWithHint[];
  /** Called once, before anything else; a plugin that must act later keeps the handle. */
  initialize?(handle: FrameworkHandle): void;
}

/** Keeps a pod out of the active queue. */
export interface PreEnqueuePlugin extends Plugin {
  preEnqueue(pod: Pod): Status;
}

/** What the queue knows of a waiting pod. */
export interface QueuedPod {
  readonly podInfo: PodInfo;
  /** Virtual time since when it has been in the queue this time. */
  readonly timestamp: Micros;
  readonly attempts: number;
}

/** Orders the active queue; a profile has exactly one. */
export interface QueueSortPlugin extends Plugin {
  less(a: QueuedPod, b: QueuedPod): boolean;
}

/** PreFilter's answer; `nodeNames` narrows the search to these. */
export interface PreFilterResult {
  readonly status: Status;
  readonly nodeNames?: ReadonlySet<string>;
}

/** Once per pod, before any node is looked at. `Skip` leaves out the plugin's Filter. */
export interface PreFilterPlugin extends Plugin {
  preFilter(pod: Pod, nodes: readonly NodeInfo[], state: CycleState): Status | PreFilterResult;
  /** What-if: another pod joins the node. Only for plugins whose state depends on other pods. */
  addPod?(pod: Pod, added: PodInfo, nodeInfo: NodeInfo, state: CycleState): void;
  /** What-if: another pod leaves the node. */
  removePod?(pod: Pod, removed: PodInfo, nodeInfo: NodeInfo, state: CycleState): void;
}

/** May the pod run on this node? */
export interface FilterPlugin extends Plugin {
  filter(pod: Pod, nodeInfo: NodeInfo, state: CycleState): Status;
}

/** PostFilter's answer: the node that was made (or will be made) free; an empty name clears an older nomination. */
export interface PostFilterResult {
  readonly status: Status;
  readonly nominatedNodeName?: string;
}

/** Only when no node passed: may make room. */
export interface PostFilterPlugin extends Plugin {
  postFilter(pod: Pod, state: CycleState, statuses: NodeToStatus): PostFilterResult;
}

/** Once per pod, over the feasible nodes. `Skip` leaves out the plugin's Score. */
export interface PreScorePlugin extends Plugin {
  preScore(pod: Pod, nodes: readonly NodeInfo[], state: CycleState): Status;
}

/** How good is this node? 0 to 100 after normalising; higher is better. */
export interface ScorePlugin extends Plugin {
  score(pod: Pod, nodeInfo: NodeInfo, state: CycleState): number;
  /** Brings the raw scores of all nodes (same order as `nodes`) into 0 to 100. */
  normalizeScore?(scores: readonly number[], pod: Pod, nodes: readonly NodeInfo[], state: CycleState): readonly number[];
}

/** Keeps something for the pod on the chosen node. */
export interface ReservePlugin extends Plugin {
  reserve(pod: Pod, nodeName: string, state: CycleState): Status;
  /** Gives it back; also called when `reserve` failed or never ran, and may be called twice. */
  unreserve(pod: Pod, nodeName: string, state: CycleState): void;
}

/** Last word before binding: success, a refusal, or `wait(timeout)`. */
export interface PermitPlugin extends Plugin {
  permit(pod: Pod, nodeName: string, state: CycleState): Status;
}

/** Work before binding, such as volumes; takes virtual time. */
export interface PreBindPlugin extends Plugin {
  /** `Skip`: there will be nothing to do. Any work ahead makes the scheduler tell the cluster about the chosen node at once. */
  preBindPreFlight?(pod: Pod, nodeName: string, state: CycleState): Status;
  preBind(pod: Pod, nodeName: string, state: CycleState): Status | Process<Status>;
}

/** Binds the pod; the first plugin that does not say Skip is the one. */
export interface BindPlugin extends Plugin {
  bind(pod: Pod, nodeName: string, state: CycleState): Status | Process<Status>;
}

/** Told after the pod is bound. */
export interface PostBindPlugin extends Plugin {
  postBind(pod: Pod, nodeName: string, state: CycleState): void;
}

/** What a user writes: one object with a name and any of the points. A plugin that scores has a weight (default 1). */
export type SchedulerPlugin = Plugin & { readonly weight?: number } & Partial<
    Omit<PreEnqueuePlugin, keyof Plugin> &
      Omit<QueueSortPlugin, keyof Plugin> &
      Omit<PreFilterPlugin, keyof Plugin> &
      Omit<FilterPlugin, keyof Plugin> &
      Omit<PostFilterPlugin, keyof Plugin> &
      Omit<PreScorePlugin, keyof Plugin> &
      Omit<ScorePlugin, keyof Plugin> &
      Omit<ReservePlugin, keyof Plugin> &
      Omit<PermitPlugin, keyof Plugin> &
      Omit<PreBindPlugin, keyof Plugin> &
      Omit<BindPlugin, keyof Plugin> &
      Omit<PostBindPlugin, keyof Plugin>
  >;

/** A pod that Permit holds. */
export interface WaitingPod {
  readonly pod: Pod;
  /** Plugins that have not yet said yes. */
  readonly pendingPlugins: readonly string[];
  /** The plugin has nothing against it any more; the last one lets the pod go on. */
  allow(plugin: string): void;
  /** Ends the wait with a refusal. */
  reject(plugin: string, message: string): void;
}

/** What a plugin may reach beyond its arguments. */
export interface FrameworkHandle {
  /** The latest snapshot. */
  snapshot(): Snapshot;
  /** Pods that hold a nomination on a node, in order of nomination. */
  nominatedPods(nodeName: string): readonly PodInfo[];
  waitingPod(uid: string): WaitingPod | undefined;
  waitingPods(): readonly WaitingPod[];
  /** Runs all filters on a node that need not be in the snapshot, counting nominated pods in. */
  filterNode(state: CycleState, nodeInfo: NodeInfo): Status;
  /** Keeps a state in step with a what-if. */
  addPodToState(state: CycleState, added: PodInfo, nodeInfo: NodeInfo): void;
  removePodFromState(state: CycleState, removed: PodInfo, nodeInfo: NodeInfo): void;
  /** Puts waiting pods back into the active queue. */
  activate(pods: readonly Pod[]): void;
  /** A pod that has a node, or is assumed to. */
  placedPod(uid: string): PodInfo | undefined;
  disruptionBudgets(): readonly PodDisruptionBudget[];
  /** Storage, ahead of the API server by what was assumed. Empty unless a plugin of the profile registers events of storage. */
  readonly volumes: VolumeCaches;
  /** False once a pod that was taken from the queue has been deleted. */
  podExists(uid: string): boolean;
  readonly api: ApiClient;
  readonly schedulerName: string;
  /** Unix time in microseconds, for time stamps in objects. */
  unixMicros(): number;
  /** A named stream of the world's seed. */
  random(name: string): Random;
  /** Reports to people, through an Event. */
  report(pod: Pod, type: 'Normal' | 'Warning', reason: string, message: string): void;
  /** Runs a process of the scheduler beside everything else. */
  spawn(name: string, process: Process): void;
}
