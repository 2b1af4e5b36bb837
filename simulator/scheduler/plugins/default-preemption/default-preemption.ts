import type { Pod } from '@slipway/kube';
import type { NodeInfo } from '../../cache/node-info.ts';
import { uidOf } from '../../cache/pod-info.ts';
import type { ClusterEventWithHint } from '../../framework/cluster-event.ts';
import type { CycleState } from '../../framework/cycle-state.ts';
import { fitErrorMessage } from '../../framework/fit-error.ts';
import { NodeToStatus } from '../../framework/node-to-status.ts';
import { success, unschedulable, unschedulableAndUnresolvable } from '../../framework/status.ts';
import type { FrameworkHandle, PostFilterPlugin, PostFilterResult, PreEnqueuePlugin } from '../../framework/types.ts';
import { Eviction } from './eviction.ts';
import { isTerminatingByPreemption, leastHarm, selectVictims, type Victims } from './victims.ts';

/** Share and number of candidate nodes that are looked at (`DefaultPreemptionArgs`). */
const MIN_CANDIDATES_PERCENTAGE = 10;
const MIN_CANDIDATES = 100;

const nobody: ReadonlySet<string> = new Set();

/**
 * Makes room for a pod that fits nowhere, at the cost of pods of lower priority. It only nominates the node: victims leave in their own
 * time, and the pod is tried again when they are gone. Source: `plugins/defaultpreemption/`, `framework/preemption/`.
 */
export class DefaultPreemption implements PostFilterPlugin, PreEnqueuePlugin {
  readonly name = 'DefaultPreemption';
  // Whoever was held back while victims were being told is woken by what refused the pod, never by this plugin.
  readonly eventsToRegister: readonly ClusterEventWithHint[] = [{ resource: 'Pod', actionType: ['Delete'], hint: () => 'QueueSkip' }];
  #handle: FrameworkHandle | undefined;
  #eviction: Eviction | undefined;

  initialize(handle: FrameworkHandle): void {
    this.#handle = handle;
    this.#eviction = new Eviction(handle);
  }

  preEnqueue(pod: Pod): ReturnType<PreEnqueuePlugin['preEnqueue']> {
    if (!this.#eviction?.isRunningFor(uidOf(pod))) return success;
    return unschedulableAndUnresolvable('waiting for the preemption for this pod to be finished');
  }

  postFilter(pod: Pod, state: CycleState, statuses: NodeToStatus): PostFilterResult {
    const handle = this.#handle;
    if (!handle || !this.#eviction) return { status: unschedulable() };
    const ineligible = whyNotEligible(pod, state, statuses);
    if (ineligible !== undefined) return { status: unschedulable(`preemption: ${ineligible}`) };
    const { candidates, verdicts } = this.#dryRun(handle, state, potentialNodes(state, statuses));
    const best = leastHarm(candidates, handle.unixMicros());
    if (!best) {
      verdicts.absent = unschedulableAndUnresolvable('Preemption is not helpful for scheduling');
      const totalNodes = state.snapshot.nodes.length;
      const message = fitErrorMessage(
        { totalNodes, statuses: verdicts, unschedulablePlugins: nobody, pendingPlugins: nobody, preFilterMessage: '' },
        '',
      );
      return { status: unschedulable(`preemption: ${message}`), nominatedNodeName: '' };
    }
    this.#eviction.start(state.podInfo, best);
    return { status: success, nominatedNodeName: best.nodeName };
  }

  /** Looks at nodes from a random one on, until there are enough candidates and one of them breaks no budget. */
  #dryRun(
    handle: FrameworkHandle,
    state: CycleState,
    nodes: readonly NodeInfo[],
  ): { candidates: readonly Victims[]; verdicts: NodeToStatus } {
    const verdicts = new NodeToStatus();
    if (nodes.length === 0) return { candidates: [], verdicts };
    const wanted = Math.min(nodes.length, Math.max(MIN_CANDIDATES, Math.trunc((nodes.length * MIN_CANDIDATES_PERCENTAGE) / 100)));
    const offset = handle.random('scheduler/preemption').integer(0, nodes.length - 1);
    const budgets = handle.disruptionBudgets();
    const now = handle.unixMicros();
    const harmless: Victims[] = [];
    const harmful: Victims[] = [];
    for (let index = 0; index < nodes.length; index++) {
      const nodeInfo = nodes[(offset + index) % nodes.length];
      if (!nodeInfo) continue;
      const found = selectVictims(handle, state, nodeInfo, budgets, now);
      if ('refusal' in found) verdicts.set(nodeInfo.node.metadata.name, found.refusal, this.name);
      // The pod fits without anyone leaving: only nominated pods stand in its way, and there is nobody to evict.
      else if (found.pods.length > 0) (found.budgetViolations === 0 ? harmless : harmful).push(found);
      if (harmless.length > 0 && harmless.length + harmful.length >= wanted) break;
    }
    return { candidates: [...harmless, ...harmful], verdicts };
  }
}

/** Nodes whose refusal other pods' leaving could change. */
function potentialNodes({ snapshot }: CycleState, statuses: NodeToStatus): readonly NodeInfo[] {
  if (statuses.absent.code === 'Unschedulable')
    return snapshot.nodes.filter(({ node }) => statuses.has(node.metadata.name, 'Unschedulable'));
  return statuses.verdicts.filter(({ status }) => status.code === 'Unschedulable').flatMap(({ nodeName }) => snapshot.get(nodeName) ?? []);
}

function whyNotEligible(pod: Pod, { snapshot, podInfo }: CycleState, statuses: NodeToStatus): string | undefined {
  if (pod.spec.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.';
  const nominated = pod.status?.nominatedNodeName ?? '';
  if (nominated === '' || statuses.has(nominated, 'UnschedulableAndUnresolvable')) return undefined;
  const leaving = snapshot.get(nominated)?.pods.some((other) => other.priority < podInfo.priority && isTerminatingByPreemption(other.pod));
  return leaving ? 'not eligible due to a terminating pod on the nominated node.' : undefined;
}
