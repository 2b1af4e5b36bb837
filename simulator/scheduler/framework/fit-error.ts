import type { NodeToStatus } from './node-to-status.ts';

/** All that a failed search knows. Source: `pkg/scheduler/framework/types.go` Diagnosis and FitError. */
export interface Diagnosis {
  readonly totalNodes: number;
  readonly statuses: NodeToStatus;
  /** Plugins that refused; the queue wakes the pod by their events. */
  readonly unschedulablePlugins: ReadonlySet<string>;
  /** Plugins that will say themselves when to go on. */
  readonly pendingPlugins: ReadonlySet<string>;
  /** Set when PreFilter refused: takes the place of the nodes' reasons. */
  readonly preFilterMessage: string;
}

/** The condition's message: `0/3 nodes are available: 1 Insufficient cpu, 2 Too many pods. preemption: …`. */
export function fitErrorMessage(diagnosis: Diagnosis, postFilterMessage: string): string {
  let message = `0/${diagnosis.totalNodes} nodes are available:`;
  if (diagnosis.preFilterMessage !== '') message += ` ${diagnosis.preFilterMessage}.`;
  else {
    const histogram = reasonHistogram(diagnosis);
    if (histogram.length > 0) message += ` ${histogram.join(', ')}.`;
  }
  return postFilterMessage === '' ? message : `${message} ${postFilterMessage}`;
}

/** `count reason`, sorted as text, as Go's `sort.Strings` does: by code unit for what Kubernetes says. */
function reasonHistogram({ statuses, totalNodes }: Diagnosis): readonly string[] {
  const counts = new Map<string, number>();
  const add = (reason: string, count: number): void => {
    counts.set(reason, (counts.get(reason) ?? 0) + count);
  };
  for (const { status } of statuses.verdicts) for (const reason of status.reasons) add(reason, 1);
  if (statuses.size < totalNodes) for (const reason of statuses.absent.reasons) add(reason, totalNodes - statuses.size);
  return [...counts].map(([reason, count]) => `${count} ${reason}`).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}
