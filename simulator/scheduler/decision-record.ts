import type { Kernel } from '@slipway/kernel';
import type { PodInfo } from './cache/pod-info.ts';
import { fitErrorMessage } from './framework/fit-error.ts';
import type { NodeToStatus } from './framework/node-to-status.ts';
import type { CycleOutcome } from './framework/run-cycle.ts';

/** Why a node was not chosen. */
export interface FilterVerdict {
  readonly node: string;
  readonly plugin: string;
  readonly code: string;
  readonly reasons: readonly string[];
}

/** What one plugin thought of one node. */
export interface NodeScore {
  readonly raw: number;
  readonly normalized: number;
  readonly weight: number;
}

/** All that explains a placement; kept only in a kept stream. */
export interface PlacementDetail {
  readonly filtered: readonly FilterVerdict[];
  readonly feasible: readonly string[];
  /** By node: total, and each plugin's part. Empty when there was only one feasible node. */
  readonly scores: readonly { readonly node: string; readonly total: number; readonly plugins: Readonly<Record<string, NodeScore>> }[];
}

/**
 * Records one cycle as a trace event `scheduler/schedule`. Its line says the node, how many were feasible, how many were looked at and
 * the best score, or why there is none.
 */
export function recordDecision(kernel: Kernel, podInfo: PodInfo, outcome: CycleOutcome): number {
  const record = (data: readonly (string | number)[], full?: unknown): number =>
    kernel.record('decision', 'kube-scheduler', 'scheduler/schedule', podInfo.key, data, full);
  switch (outcome.kind) {
    case 'scheduled': {
      const { nodeName, feasible, statuses, totals } = outcome;
      const best = totals.reduce((most, total) => Math.max(most, total), 0);
      const data = ['scheduled', nodeName, feasible.length, feasible.length + statuses.size, best];
      return record(data, kernel.detailed ? detailOf(outcome) : undefined);
    }
    case 'unschedulable': {
      const { diagnosis } = outcome;
      return record(
        ['unschedulable', fitErrorMessage(diagnosis, '')],
        kernel.detailed ? { filtered: verdictsOf(diagnosis.statuses), feasible: [], scores: [] } : undefined,
      );
    }
    case 'no-nodes':
      return record(['unschedulable', 'no nodes available to schedule pods']);
    case 'error':
      return record(['error', outcome.message]);
  }
}

function detailOf({ feasible, statuses, totals, scores }: CycleOutcome & { kind: 'scheduled' }): PlacementDetail {
  const names = feasible.map(({ node }) => node.metadata.name);
  return {
    filtered: verdictsOf(statuses),
    feasible: names,
    scores: totals.map((total, index) => ({
      node: names[index] ?? '',
      total,
      plugins: Object.fromEntries(
        scores.map(({ plugin, weight, raw, normalized }) => [plugin, { raw: raw[index] ?? 0, normalized: normalized[index] ?? 0, weight }]),
      ),
    })),
  };
}

const verdictsOf = (statuses: NodeToStatus): readonly FilterVerdict[] =>
  statuses.verdicts.map(({ nodeName, plugin, status }) => ({ node: nodeName, plugin, code: status.code, reasons: status.reasons }));
