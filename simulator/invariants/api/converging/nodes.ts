import { minutes } from '@slipway/kernel';
import { findCondition, type Node, type Stored } from '@slipway/kube';
import type { ClusterState, Lack } from './state.ts';

/** A machine comes up, registers, and is looked at by its provider within so long. */
const BOOT = minutes(2);
/** Taints of the cluster's own that go when their cause has gone. */
const PASSING: ReadonlySet<string> = new Set([
  'node.kubernetes.io/not-ready',
  'node.kubernetes.io/unreachable',
  'node.cloudprovider.kubernetes.io/uninitialized',
]);

/** Nodes whose machines have power, and that are not in service. */
export function* lackingNodes(state: ClusterState, met: () => void): Generator<Lack> {
  for (const node of state.all<Node>('nodes')) {
    const { name, deletionTimestamp, creationTimestamp } = node.metadata;
    if (!state.isAlive(name) || deletionTimestamp !== undefined || !state.isPast(creationTimestamp, BOOT)) continue;
    // Nobody speaks for a machine without a kubelet.
    if (!node.status?.nodeInfo) continue;
    met();
    const wants = wantsOf(node);
    if (wants !== undefined) yield { object: node, wants, since: findCondition(node.status.conditions, 'Ready')?.lastTransitionTime };
  }
}

function wantsOf({ spec, status }: Stored<Node>): string | undefined {
  const ready = findCondition(status?.conditions, 'Ready');
  if (ready?.status !== 'True') return `has power and is not Ready${ready?.message ? ` (${ready.reason ?? ''}: ${ready.message})` : ''}`;
  const taint = spec?.taints?.find(({ key }) => PASSING.has(key));
  return taint && `is Ready and still has the taint ${taint.key}`;
}
