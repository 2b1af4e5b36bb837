import { type Micros, seconds } from '@slipway/kernel';
import { isTerminal, matchesLabelSelector, type Pod, type PodDisruptionBudget, type Stored } from '@slipway/kube';
import type { Facts } from '../facts/index.ts';
import type { Invariant, Watched } from '../invariant.ts';
import { podTitle } from '../titles.ts';
import { certainlyFits, isPlain } from './fit.ts';

/** Decisions that are remembered, by their trace event. */
const KEPT = 64;

/**
 * Judged when a scheduler marks its first victim: the calls of a preemption follow from the decision that found no node. If a budget of the
 * victim allowed nothing, no other node may have had room but for pods without a budget. For plain pods only, and not while watches may lag.
 */
export const budgetLastResort: Invariant = {
  id: 'SCH-07',
  name: 'budget-last-resort',
  kind: 'S',
  holds: 'preemption breaks a disruption budget only if no candidate respects it',
  watch: (world, { violated, met }, facts) => {
    const refused = new Map<number, string>();
    /** When any budget last changed. */
    let changedAt: Micros = 0;
    return {
      resources: ['pods', 'poddisruptionbudgets'],
      trace({ kind, name, seq, subject = '', data }) {
        if (kind !== 'decision' || name !== 'scheduler/schedule' || data[0] === 'scheduled') return;
        refused.set(seq, subject);
        if (refused.size <= KEPT) return;
        for (const oldest of refused.keys()) {
          refused.delete(oldest);
          break;
        }
      },
      write({ resource, type, object, old }, by) {
        if (resource === 'poddisruptionbudgets') {
          changedAt = world.kernel.now;
          return;
        }
        const victim = object as Stored<Pod>;
        const key = by && refused.get(by.cause);
        if (key === undefined || type !== 'MODIFIED' || !isPreempted(victim) || isPreempted(old as Pod)) return;
        const slash = key.indexOf('/');
        const preemptor = world.server.peek('pods', key.slice(0, slash), key.slice(slash + 1)) as Stored<Pod> | undefined;
        const since = facts.staleness.seenSince(world.kernel.now);
        if (!preemptor || since === 0 || changedAt > since || !isPlain(preemptor) || !isProtected(world, victim)) return;
        met();
        const other = harmlessNode(world, facts, preemptor, victim.spec.nodeName ?? '', since);
        if (other === undefined) return;
        violated(
          `${by?.actor ?? 'somebody'} evicts ${podTitle(victim)} for ${podTitle(preemptor)} against its disruption budget, though ${other} has room but for pods without one`,
          podTitle(victim),
          podTitle(preemptor),
          `Node ${other}`,
        );
      },
    };
  },
};

/** A node that fits once its less important pods without an exhausted budget are gone; there are some, and none came of late. */
function harmlessNode(world: Watched, facts: Facts, preemptor: Stored<Pod>, not: string, since: Micros): string | undefined {
  const priority = preemptor.spec.priority ?? 0;
  const mayLeave = (other: Stored<Pod>): boolean =>
    other.spec.nodeName !== undefined &&
    (other.spec.priority ?? 0) < priority &&
    other.metadata.deletionTimestamp === undefined &&
    !hasBudget(world, other);
  for (const name of facts.nodes.names()) {
    if (name === not || facts.placements.lastChangeOn(name) > since - seconds(1)) continue;
    const victims = [...facts.placements.on(name).values()].filter(({ pod, at }) => at <= since && mayLeave(pod));
    if (victims.length > 0 && certainlyFits(world, facts, preemptor, name, since, mayLeave)) return name;
  }
  return undefined;
}

function budgetsOf({ server }: Watched, { metadata }: Stored<Pod>): readonly Stored<PodDisruptionBudget>[] {
  return ([...server.objects('poddisruptionbudgets')] as Stored<PodDisruptionBudget>[]).filter(
    (budget) => budget.metadata.namespace === metadata.namespace && matchesLabelSelector(budget.spec?.selector, metadata.labels),
  );
}

const hasBudget = (world: Watched, pod: Stored<Pod>): boolean => budgetsOf(world, pod).length > 0;

/** A budget allows nothing, and has not let this pod go already. */
const isProtected = (world: Watched, pod: Stored<Pod>): boolean =>
  !isTerminal(pod) &&
  budgetsOf(world, pod).some(
    ({ status }) => status !== undefined && status.disruptionsAllowed <= 0 && status.disruptedPods?.[pod.metadata.name] === undefined,
  );

const isPreempted = ({ status }: Pod): boolean =>
  status?.conditions?.some(
    ({ type, status: is, reason }) => type === 'DisruptionTarget' && is === 'True' && reason === 'PreemptionByScheduler',
  ) ?? false;
