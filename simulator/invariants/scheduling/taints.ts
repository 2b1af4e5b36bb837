import { type Node, type Pod, type Stored, type Taint, untoleratedTaint } from '@slipway/kube';
import { isBinding } from '../facts/scheduled-pods.ts';
import type { Invariant } from '../invariant.ts';
import { podTitle } from '../titles.ts';

/** What a cordon says, for pods that may be put there all the same. Source: `pkg/scheduler/framework/plugins/nodeunschedulable`. */
const CORDON: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

/** Judged at each binding: the node must have been without a taint at some time that the decision may rest on. */
export const taints: Invariant = {
  id: 'SCH-12',
  name: 'taints',
  kind: 'S',
  holds: 'no pod is bound onto a taint it does not tolerate; a node coming back does not cause bind-evict loops',
  watch: (_world, { violated, met }, { placements, nodes, staleness }) => {
    /** Nodes that keep some pods away. */
    const closed = new Set<string>();
    return {
      resources: ['nodes', 'pods'],
      write(write) {
        if (write.resource === 'nodes') {
          const { metadata, spec } = write.object as Node;
          const isOpen = spec?.unschedulable !== true && (spec?.taints ?? []).length === 0;
          if (isOpen || write.type === 'DELETED') closed.delete(metadata.name);
          else closed.add(metadata.name);
          return;
        }
        if (!isBinding(write)) return;
        const pod = write.object as Stored<Pod>;
        const placed = placements.of(pod.metadata.uid);
        if (!placed) return;
        if (closed.size > 0) met();
        const node = closed.has(placed.node) ? nodes.now(placed.node) : undefined;
        const wrong = node && forbiddingTaint(pod, node);
        if (!wrong) return;
        const since = staleness.seenSince(placed.decidedAt);
        if (!nodes.always(placed.node, since, (version) => forbiddingTaint(pod, version) !== undefined)) return;
        violated(
          `${placed.by || 'somebody'} bound ${podTitle(pod)} to ${placed.node}, whose taint ${wrong.key}:${wrong.effect} it does not tolerate`,
          podTitle(pod),
          `Node ${placed.node}`,
        );
      },
    };
  },
};

/** A taint, or a cordon, that keeps the pod away. */
export function forbiddingTaint({ spec }: Pick<Pod, 'spec'>, node: Pick<Node, 'spec'>): Taint | undefined {
  const list = node.spec?.unschedulable === true ? [CORDON, ...(node.spec.taints ?? [])] : node.spec?.taints;
  return untoleratedTaint(list, spec.tolerations, ['NoSchedule', 'NoExecute']);
}
