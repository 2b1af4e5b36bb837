import type { NodeInfo } from '../cache/node-info.ts';
import type { CycleState } from './cycle-state.ts';
import type { Diagnosis } from './fit-error.ts';
import type { Framework } from './framework.ts';
import { numFeasibleNodesToFind } from './node-sampling.ts';
import { NodeToStatus } from './node-to-status.ts';
import { activeFilters, type NominatedPods, type Refusal, runFilters, runFiltersWithNominatedPods } from './run-filters.ts';
import { type PluginScores, runScores } from './run-scores.ts';
import { selectHost } from './select-host.ts';
import { isRejected, messageOfStatus, type Status, unschedulableAndUnresolvable } from './status.ts';
import type { FilterPlugin } from './types.ts';

/** What a cycle came to, with all that explains it. */
export type CycleOutcome =
  | {
      readonly kind: 'scheduled';
      readonly nodeName: string;
      readonly feasible: readonly NodeInfo[];
      readonly statuses: NodeToStatus;
      /** Empty when there was only one feasible node: then nobody scores. */
      readonly totals: readonly number[];
      readonly scores: readonly PluginScores[];
    }
  | { readonly kind: 'unschedulable'; readonly diagnosis: Diagnosis }
  | { readonly kind: 'no-nodes' }
  | { readonly kind: 'error'; readonly message: string };

/** What the search remembers between cycles. */
export interface SearchPosition {
  /** Where in the node list the next search starts, so that all nodes get their turn. */
  nextStartNodeIndex: number;
}

interface Search {
  readonly feasible: readonly NodeInfo[];
  readonly error?: string;
}

/**
 * One pod's way from PreFilter to the chosen node: a pure function of the snapshot in `state`, but for the search position.
 * Source: `pkg/scheduler/schedule_one.go` schedulePod, findNodesThatFitPod.
 */
export function runCycle(framework: Framework, state: CycleState, position: SearchPosition, nominated?: NominatedPods): CycleOutcome {
  const { nodes } = state.snapshot;
  const { pod } = state.podInfo;
  if (nodes.length === 0) return { kind: 'no-nodes' };

  const statuses = new NodeToStatus();
  const plugins = { unschedulable: new Set<string>(), pending: new Set<string>() };
  const refusedBy = ({ plugin, status }: Refusal): void => {
    if (isRejected(status)) plugins.unschedulable.add(plugin);
    if (status.code === 'Pending') plugins.pending.add(plugin);
  };
  const failed = (preFilterMessage: string): CycleOutcome => ({
    kind: 'unschedulable',
    diagnosis: {
      totalNodes: nodes.length,
      statuses,
      unschedulablePlugins: plugins.unschedulable,
      pendingPlugins: plugins.pending,
      preFilterMessage,
    },
  });

  const narrowed = runPreFilters(framework, state);
  if ('refusal' in narrowed) {
    const { refusal } = narrowed;
    if (!isRejected(refusal.status))
      return { kind: 'error', message: `running PreFilter plugin "${refusal.plugin}": ${messageOfStatus(refusal.status)}` };
    statuses.absent = refusal.status;
    for (const plugin of narrowed.plugins) plugins.unschedulable.add(plugin);
    if (refusal.plugin !== '') refusedBy(refusal);
    return failed(messageOfStatus(refusal.status));
  }

  const filters = activeFilters(framework, state);
  const search = (candidates: readonly NodeInfo[]): Search =>
    findFeasible(framework, filters, state, candidates, position.nextStartNodeIndex, nominated, (nodeName, refusal) => {
      statuses.set(nodeName, refusal.status, refusal.plugin);
      refusedBy(refusal);
    });

  // A nomination is most likely the only node that fits, so it is asked first and alone.
  const nomination = pod.status?.nominatedNodeName ?? '';
  const nominatedNode = nomination === '' ? undefined : state.snapshot.get(nomination);
  let found: Search = nominatedNode ? search([nominatedNode]) : { feasible: [] };
  if (found.feasible.length === 0) {
    let candidates = nodes;
    if (narrowed.nodeNames) {
      candidates = [...narrowed.nodeNames].sort().flatMap((name) => state.snapshot.get(name) ?? []);
      statuses.absent = unschedulableAndUnresolvable(`node(s) didn't satisfy plugin(s) [${[...narrowed.plugins].sort().join(' ')}]`);
      for (const plugin of narrowed.plugins) plugins.unschedulable.add(plugin);
    }
    found = search(candidates);
    position.nextStartNodeIndex = (position.nextStartNodeIndex + found.feasible.length + statuses.size) % nodes.length;
  }
  if (found.error !== undefined) return { kind: 'error', message: found.error };
  const { feasible } = found;
  const [first] = feasible;
  if (first === undefined) return failed('');
  if (feasible.length === 1) return { kind: 'scheduled', nodeName: first.node.metadata.name, feasible, statuses, totals: [], scores: [] };

  const scored = runScores(framework, pod, feasible, state);
  if ('error' in scored) return { kind: 'error', message: scored.error };
  const best = feasible[selectHost(scored.totals)] ?? first;
  return { kind: 'scheduled', nodeName: best.node.metadata.name, feasible, statuses, totals: scored.totals, scores: scored.parts };
}

type PreFilterOutcome =
  | { readonly nodeNames: ReadonlySet<string> | undefined; readonly plugins: ReadonlySet<string> }
  | { readonly refusal: Refusal; readonly plugins: ReadonlySet<string> };

/** A plain Unschedulable is remembered while later plugins still run, since preemption will want their state. */
function runPreFilters(framework: Framework, state: CycleState): PreFilterOutcome {
  const plugins = new Set<string>();
  let nodeNames: ReadonlySet<string> | undefined;
  let refusal: Refusal | undefined;
  for (const plugin of framework.preFilter) {
    const answer = plugin.preFilter(state.podInfo.pod, state.snapshot.nodes, state);
    const status: Status = 'status' in answer ? answer.status : answer;
    if (status.code === 'Skip') {
      state.skipFilter.add(plugin.name);
      continue;
    }
    if (status.code !== 'Success') {
      refusal = { plugin: plugin.name, status };
      if (status.code === 'Unschedulable') continue;
      return { refusal, plugins: new Set() };
    }
    if (!('status' in answer) || answer.nodeNames === undefined) continue;
    plugins.add(plugin.name);
    const names = answer.nodeNames;
    nodeNames = nodeNames === undefined ? names : new Set([...nodeNames].filter((name) => names.has(name)));
    if (nodeNames.size === 0) {
      const list = [...plugins].sort();
      const message =
        list.length === 1
          ? `node(s) didn't satisfy plugin ${list[0]}`
          : `node(s) didn't satisfy plugin(s) [${list.join(' ')}] simultaneously`;
      return { refusal: { plugin: '', status: unschedulableAndUnresolvable(message) }, plugins };
    }
  }
  return refusal ? { refusal, plugins } : { nodeNames, plugins };
}

/**
 * Looks at nodes in turn from `start` until enough are found. Upstream has up to 16 workers and takes feasible nodes in order of
 * completion; here one worker looks, in list order. Like upstream's it stops at the first feasible node too many.
 */
function findFeasible(
  framework: Framework,
  filters: readonly FilterPlugin[],
  state: CycleState,
  nodes: readonly NodeInfo[],
  start: number,
  nominated: NominatedPods | undefined,
  refused: (nodeName: string, refusal: Refusal) => void,
): Search {
  const { pod } = state.podInfo;
  const wanted = framework.score.length === 0 ? 1 : numFeasibleNodesToFind(nodes.length, framework.percentageOfNodesToScore);
  const feasible: NodeInfo[] = [];
  for (let offset = 0; offset < nodes.length; offset++) {
    const nodeInfo = nodes[(start + offset) % nodes.length];
    if (!nodeInfo) continue;
    const nominees = nominated?.(nodeInfo.node.metadata.name);
    const refusal =
      nominees === undefined || nominees.length === 0
        ? runFilters(filters, pod, nodeInfo, state)
        : runFiltersWithNominatedPods(framework, filters, nominees, nodeInfo, state);
    if (refusal === undefined) {
      if (feasible.length === wanted) break;
      feasible.push(nodeInfo);
    } else if (isRejected(refusal.status)) refused(nodeInfo.node.metadata.name, refusal);
    else return { feasible, error: `running "${refusal.plugin}" filter plugin: ${messageOfStatus(refusal.status)}` };
  }
  return { feasible };
}
