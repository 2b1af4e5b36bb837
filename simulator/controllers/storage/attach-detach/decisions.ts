import { type Micros, minutes } from '@slipway/kernel';
import type { PersistentVolume } from '@slipway/kube';

// When to attach and detach. Source: `pkg/controller/volume/attachdetach/reconciler/reconciler.go`.

/** How long a node may take to unmount before it is no longer waited for, if it is not well. */
export const MAX_WAIT_FOR_UNMOUNT: Micros = minutes(6);

export interface DetachFacts {
  /** Since nobody wants the volume there. */
  readonly elapsed: Micros;
  /** The node's last word was that it mounts the volume. */
  readonly mounted: boolean;
  /** The node is there and Ready. */
  readonly healthy: boolean;
  /** Somebody has said that the node is down for sure. */
  readonly outOfService: boolean;
}

/** `safely`: the node is asked once more, and its word counts. `force`: whatever it says. */
export type DetachDecision = 'wait' | 'safely' | 'force';

export function decideDetach({ elapsed, mounted, healthy, outOfService }: DetachFacts): DetachDecision {
  const expired = elapsed > MAX_WAIT_FOR_UNMOUNT;
  if (mounted && !(expired && !healthy) && !outOfService) return 'wait';
  return expired || outOfService ? 'force' : 'safely';
}

/** Whether several nodes may have the volume at once. Of a volume that is unknown its driver will have to say. */
export function isMultiAttachAllowed(volume: PersistentVolume | undefined): boolean {
  const modes = volume?.spec.accessModes ?? [];
  return modes.length === 0 || modes.includes('ReadWriteMany') || modes.includes('ReadOnlyMany');
}

/**
 * What a pod is told that wants a volume which is elsewhere.
 *
 * @param users keys of the pods that want it on other nodes
 */
export function multiAttachMessage(volumeName: string, podKey: string, users: readonly string[]): string {
  const prefix = `Multi-Attach error for volume ${JSON.stringify(volumeName)} `;
  if (users.length === 0) return `${prefix}Volume is already exclusively attached to one node and can't be attached to another`;
  const namespace = podKey.slice(0, podKey.indexOf('/') + 1);
  const local = users.filter((key) => key.startsWith(namespace)).map((key) => key.slice(namespace.length));
  const others = users.length - local.length;
  if (local.length === 0) return `${prefix}Volume is already used by ${others} pod(s) in different namespaces`;
  const more = others > 0 ? ` and ${others} pod(s) in different namespaces` : '';
  return `${prefix}Volume is already used by pod(s) ${local.join(', ')}${more}`;
}
