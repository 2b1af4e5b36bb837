import { Informer } from '@slipway/client';
import { type Micros, type Process, race, sleep, spawn, until } from '@slipway/kernel';
import { findCondition, type Node, taintKeys } from '@slipway/kube';
import type { Cluster } from './cluster.ts';

/** Waits until every node is Ready, or the time for that is up. */
export function* nodesReady({ api, kernel }: Pick<Cluster, 'api' | 'kernel'>, names: readonly string[], end: Micros): Process {
  const waiting = new Set(names);
  const nodes = new Informer<Node>(api.nodes);
  nodes.onChange((_event, _old, node) => {
    if (node && findCondition(node.status?.conditions, 'Ready')?.status === 'True' && !isTainted(node)) waiting.delete(node.metadata.name);
  });
  const watching = yield* spawn('wait for nodes', nodes.run());
  while (waiting.size > 0 && kernel.now < end) yield* race<unknown>([until(nodes.changed), sleep(end - kernel.now)]);
  watching.stop();
}

/** Taints of a node that has just come up: they go a moment after its Ready comes, and when the cloud provider has looked at it. */
const EARLY_TAINTS: ReadonlySet<string> = new Set([taintKeys.notReady, taintKeys.cloudUninitialized]);

function isTainted({ spec }: Node): boolean {
  return (spec?.taints ?? []).some(({ key, effect }) => EARLY_TAINTS.has(key) && effect === 'NoSchedule');
}
