import { type Micros, seconds } from '@slipway/kernel';
import { findCondition, type Node, type NodeCondition, setCondition, type Time } from '@slipway/kube';

// When a node counts as silent. Source: `pkg/controller/nodelifecycle/node_lifecycle_controller.go`, tryUpdateNodeHealth.

/** A node whose kubelet has been silent for longer is Unknown. */
export const GRACE: Micros = seconds(50);
/** The same for a node that has never reported. */
export const STARTUP_GRACE: Micros = seconds(60);

/** What the controller remembers of one node, by its own clock: a node's clock is not trusted. */
export interface Health {
  /** When a heartbeat was last seen. */
  readonly seenAt: Micros;
  /** Whether the node's status had ever been reported. */
  readonly reported: boolean;
  readonly renewTime: string | undefined;
  readonly heartbeat: string | undefined;
}

/** Takes note of what the node and its lease say now. */
export function observe(before: Health | undefined, node: Node, renewTime: string | undefined, now: Micros): Health {
  const ready = findCondition(node.status?.conditions, 'Ready');
  // A condition that this controller wrote itself is no sign of life.
  const heartbeat = ready?.lastHeartbeatTime;
  if (before && before.renewTime === renewTime && before.heartbeat === heartbeat && before.reported === (ready !== undefined))
    return before;
  return { seenAt: now, reported: ready !== undefined, renewTime, heartbeat };
}

/** When the node will count as silent if nothing more is heard. */
export function silentAt({ seenAt, reported }: Health): Micros {
  return seenAt + (reported ? GRACE : STARTUP_GRACE);
}

const CONDITIONS = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'] as const;

/** The conditions of a silent node: all that its kubelet vouched for is Unknown. */
export function unknownConditions(node: Node, now: Time): readonly NodeCondition[] {
  let conditions: readonly NodeCondition[] = node.status?.conditions ?? [];
  for (const type of CONDITIONS) {
    const old = findCondition(conditions, type);
    if (old?.status === 'Unknown') continue;
    const heartbeat = old?.lastHeartbeatTime ?? node.metadata.creationTimestamp;
    const said = old
      ? { reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.' }
      : { reason: 'NodeStatusNeverUpdated', message: 'Kubelet never posted node status.' };
    conditions = setCondition(conditions, {
      type,
      status: 'Unknown',
      ...said,
      ...(heartbeat === undefined ? {} : { lastHeartbeatTime: heartbeat }),
      lastTransitionTime: now,
    });
  }
  return conditions;
}
