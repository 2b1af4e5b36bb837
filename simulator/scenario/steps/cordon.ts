import type { Process } from '@slipway/kernel';
import { resolveNodes } from '../references.ts';
import type { NodeRef } from '../schema.ts';
import type { ScenarioCluster } from '../cluster.ts';
import { nodesSubject } from './machines.ts';
import { type StepKind, valueOf } from './step-kind.ts';

/**
 * Says whether pods may be scheduled to the node. Nothing is sent when the node is so already. Source:
 * `staging/src/k8s.io/kubectl/pkg/drain/cordon.go`: the patch between the old and the new node, in which false is left out.
 */
export function* setUnschedulable({ api }: ScenarioCluster, name: string, unschedulable: boolean): Process {
  const { spec } = yield* api.nodes.get({ name });
  if ((spec?.unschedulable ?? false) === unschedulable) return;
  yield* api.nodes.patch({ name, type: 'strategic', patch: { spec: { unschedulable: unschedulable ? true : null } } });
}

function marks(unschedulable: boolean): StepKind<NodeRef> {
  return {
    subject: nodesSubject,
    *perform(reference, { cluster, variables }) {
      const names = resolveNodes(reference, cluster, variables);
      for (const name of names) yield* setUnschedulable(cluster, name, unschedulable);
      return valueOf(names);
    },
  };
}

export const cordonStep = marks(true);
export const uncordonStep = marks(false);
