import type { Micros } from '@slipway/kernel';
import { findCondition, type Node, parseTime } from '@slipway/kube';
import type { Watched } from '../invariant.ts';

/** Whether a node has been ready for at least so long, by its object. */
export function hasLongBeenReady({ server, kernel }: Pick<Watched, 'server' | 'kernel'>, name: string, atLeast: Micros): boolean {
  const node = server.peek('nodes', undefined, name) as Node | undefined;
  const ready = findCondition(node?.status?.conditions, 'Ready');
  const since = parseTime(ready?.lastTransitionTime ?? '');
  return ready?.status === 'True' && since !== undefined && kernel.unixMicros - since >= atLeast;
}
