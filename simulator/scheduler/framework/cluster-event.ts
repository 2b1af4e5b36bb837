import type { Node, Pod } from '@slipway/kube';
import type { PodInfo } from '../cache/pod-info.ts';
import { isEqualData } from './equal-data.ts';
import { requestsShrank } from '../cache/resource.ts';

/** Kinds of objects whose changes may make a pod schedulable. Upstream knows more; a plugin may name any. */
export type EventResource =
  | 'Pod'
  | 'Node'
  | 'PersistentVolume'
  | 'PersistentVolumeClaim'
  | 'StorageClass'
  | 'CSINode'
  | 'CSIDriver'
  | 'CSIStorageCapacity'
  | 'VolumeAttachment'
  | 'ResourceClaim'
  | 'ResourceSlice'
  | 'DeviceClass'
  | '*';

/** What happened to the object. `Update` stands for all of `Update…`. */
export type ActionType =
  | 'Add'
  | 'Delete'
  | 'Update'
  | 'UpdateNodeAllocatable'
  | 'UpdateNodeLabel'
  | 'UpdateNodeTaint'
  | 'UpdateNodeCondition'
  | 'UpdateNodeAnnotation'
  | 'UpdateNodeDeclaredFeature'
  | 'UpdatePodLabel'
  | 'UpdatePodScaleDown'
  | 'UpdatePodToleration'
  | 'UpdatePodSchedulingGatesEliminated';

/** One change of the cluster, as specific as it can be told. */
export interface ClusterEvent {
  readonly resource: EventResource;
  readonly actionType: ActionType;
  /** For traces; otherwise resource and action. */
  readonly label?: string;
}

/** Should a pod that the plugin refused be tried again after this change? */
export type QueueingHint = 'Queue' | 'QueueSkip';

/** Looks at the changed object (absent before an addition, absent after a deletion). */
export type QueueingHintFn = (pod: Pod, oldObject: unknown, newObject: unknown) => QueueingHint;

/** What a plugin wants to hear of. Without a hint function every such event is worth a try. */
export interface ClusterEventWithHint {
  readonly resource: EventResource;
  readonly actionType: readonly ActionType[];
  readonly hint?: QueueingHintFn;
}

/** Everybody goes back to the queue: after five minutes without a useful event, or because a plugin says so. */
export const unschedulableTimeout: ClusterEvent = { resource: '*', actionType: 'Update', label: 'UnschedulableTimeout' };
export const forceActivate: ClusterEvent = { resource: '*', actionType: 'Update', label: 'ForceActivate' };
export const podAdd: ClusterEvent = { resource: 'Pod', actionType: 'Add' };
export const podDelete: ClusterEvent = { resource: 'Pod', actionType: 'Delete' };

export const isWildcard = (event: ClusterEvent): boolean => event.resource === '*';

export const eventLabel = (event: ClusterEvent): string => event.label ?? `${event.resource}/${event.actionType}`;

/** Does a registration cover an event? A general `Update` covers the specific ones, not the other way round (`framework/types.go` MatchClusterEvents). */
export function covers(registered: ClusterEventWithHint, event: ClusterEvent): boolean {
  if (registered.resource !== '*' && registered.resource !== event.resource) return false;
  return registered.actionType.some(
    (action) => action === event.actionType || (action === 'Update' && event.actionType.startsWith('Update')),
  );
}

/** Which changes of a pod matter to scheduling; a general `Update` if none of the specific ones. `framework/events.go` PodSchedulingPropertiesChange. */
export function podChanges(before: PodInfo, after: PodInfo): readonly ClusterEvent[] {
  const events: ClusterEvent[] = [];
  const add = (actionType: ActionType): void => {
    events.push({ resource: 'Pod', actionType });
  };
  if (!isEqualData(before.pod.metadata.labels ?? {}, after.pod.metadata.labels ?? {})) add('UpdatePodLabel');
  if (before.requests !== after.requests && requestsShrank(before.requests, after.requests)) add('UpdatePodScaleDown');
  if ((before.pod.spec.schedulingGates?.length ?? 0) > 0 && (after.pod.spec.schedulingGates?.length ?? 0) === 0) {
    add('UpdatePodSchedulingGatesEliminated');
  }
  if ((before.pod.spec.tolerations?.length ?? 0) !== (after.pod.spec.tolerations?.length ?? 0)) add('UpdatePodToleration');
  if (events.length === 0) add('Update');
  return events;
}

/** Which changes of a node matter to scheduling; none for a mere heartbeat. `framework/events.go` NodeSchedulingPropertiesChange. */
export function nodeChanges(before: Node, after: Node): readonly ClusterEvent[] {
  const events: ClusterEvent[] = [];
  const add = (actionType: ActionType): void => {
    events.push({ resource: 'Node', actionType });
  };
  const differs = (a: unknown, b: unknown): boolean => a !== b && !isEqualData(a, b);
  if (before.spec.unschedulable === true && after.spec.unschedulable !== true) add('UpdateNodeTaint');
  if (differs(before.status?.allocatable ?? {}, after.status?.allocatable ?? {})) add('UpdateNodeAllocatable');
  if (differs(before.metadata.labels ?? {}, after.metadata.labels ?? {})) add('UpdateNodeLabel');
  if (differs(before.spec.taints ?? [], after.spec.taints ?? [])) add('UpdateNodeTaint');
  if (before.status?.conditions !== after.status?.conditions && differs(conditionStatuses(before), conditionStatuses(after))) {
    add('UpdateNodeCondition');
  }
  if (differs(before.metadata.annotations ?? {}, after.metadata.annotations ?? {})) add('UpdateNodeAnnotation');
  if (differs(before.status?.declaredFeatures ?? [], after.status?.declaredFeatures ?? [])) add('UpdateNodeDeclaredFeature');
  return events;
}

const conditionStatuses = (node: Node): Record<string, string> =>
  Object.fromEntries((node.status?.conditions ?? []).map(({ type, status }) => [type, status]));
