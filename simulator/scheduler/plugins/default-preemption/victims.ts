import { findCondition, matchesLabelSelector, isEmptySelector, parseTime, type Pod, type PodDisruptionBudget } from '@slipway/kube';
import type { NodeInfo } from '../../cache/node-info.ts';
import type { PodInfo } from '../../cache/pod-info.ts';
import type { CycleState } from '../../framework/cycle-state.ts';
import { type Status, unschedulableAndUnresolvable } from '../../framework/status.ts';
import type { FrameworkHandle } from '../../framework/types.ts';

/** Pods that must go from a node, the most important first, and how many of them break a disruption budget. */
export interface Victims {
  readonly nodeName: string;
  readonly pods: readonly PodInfo[];
  readonly budgetViolations: number;
}

/** What victims' choice needs of the framework. */
export type WhatIf = Pick<FrameworkHandle, 'filterNode' | 'addPodToState' | 'removePodFromState'>;

/** Since when a pod runs; one that has not started counts as starting now. */
export const startOf = (pod: Pod, now: number): number =>
  pod.status?.startTime === undefined ? now : (parseTime(pod.status.startTime) ?? now);

/** Evicted by a scheduler and on its way out. */
export function isTerminatingByPreemption(pod: Pod): boolean {
  if (pod.metadata.deletionTimestamp === undefined) return false;
  const condition = findCondition(pod.status?.conditions, 'DisruptionTarget');
  return condition?.status === 'True' && condition.reason === 'PreemptionByScheduler';
}

/**
 * The fewest pods of lower priority whose leaving lets the pod fit: all leave, then each is taken back, the most important first, unless
 * the pod would no longer fit; those that would break a budget are taken back before the others.
 * Source: `plugins/defaultpreemption/default_preemption.go` SelectVictimsOnNode.
 */
export function selectVictims(
  whatIf: WhatIf,
  cycle: CycleState,
  crowded: NodeInfo,
  budgets: readonly PodDisruptionBudget[],
  now: number,
): Victims | { readonly refusal: Status } {
  const state = cycle.clone();
  const { priority } = cycle.podInfo;
  let nodeInfo = crowded;
  const remove = (podInfo: PodInfo): void => {
    nodeInfo = nodeInfo.withoutPod(podInfo.uid);
    whatIf.removePodFromState(state, podInfo, nodeInfo);
  };
  const add = (podInfo: PodInfo): void => {
    nodeInfo = nodeInfo.withPod(podInfo);
    whatIf.addPodToState(state, podInfo, nodeInfo);
  };
  const potential = crowded.pods.filter((podInfo) => podInfo.priority < priority);
  if (potential.length === 0) return { refusal: unschedulableAndUnresolvable('No preemption victims found for incoming pod') };
  for (const podInfo of potential) remove(podInfo);
  const emptied = whatIf.filterNode(state, nodeInfo);
  if (emptied.code !== 'Success') return { refusal: emptied };

  const victims: PodInfo[] = [];
  const reprieve = (podInfo: PodInfo): boolean => {
    add(podInfo);
    if (whatIf.filterNode(state, nodeInfo).code === 'Success') return true;
    remove(podInfo);
    victims.push(podInfo);
    return false;
  };
  const moreImportant = byImportance(now);
  const { violating, others } = splitByBudgets(potential.toSorted(moreImportant), budgets);
  const budgetViolations = violating.filter((podInfo) => !reprieve(podInfo)).length;
  for (const podInfo of others) reprieve(podInfo);
  return { nodeName: crowded.node.metadata.name, pods: victims.toSorted(moreImportant), budgetViolations };
}

/** Higher priority, then longer running. */
const byImportance =
  (now: number) =>
  (a: PodInfo, b: PodInfo): number =>
    a.priority === b.priority ? startOf(a.pod, now) - startOf(b.pod, now) : b.priority - a.priority;

/** Each pod uses up its budgets in turn; those that find one used up would break it. */
export function splitByBudgets(
  pods: readonly PodInfo[],
  budgets: readonly PodDisruptionBudget[],
): { readonly violating: readonly PodInfo[]; readonly others: readonly PodInfo[] } {
  const left = budgets.map(({ status }) => status?.disruptionsAllowed ?? 0);
  const violating: PodInfo[] = [];
  const others: PodInfo[] = [];
  for (const podInfo of pods) {
    const broken = budgets.some((budget, index) => {
      if (!concerns(budget, podInfo)) return false;
      left[index] = (left[index] ?? 0) - 1;
      return left[index] < 0;
    });
    (broken ? violating : others).push(podInfo);
  }
  return { violating, others };
}

/** A pod that the API server has let go already is not counted again. */
function concerns({ metadata, spec, status }: PodDisruptionBudget, { pod, namespace }: PodInfo): boolean {
  if (metadata.namespace !== namespace || Object.keys(pod.metadata.labels ?? {}).length === 0) return false;
  const selector = spec?.selector;
  if (selector === undefined || isEmptySelector(selector) || !matchesLabelSelector(selector, pod.metadata.labels)) return false;
  return status?.disruptedPods?.[pod.metadata.name] === undefined;
}

/** Added to each priority, so that fewer victims win over more even when priorities are negative. */
const PRIORITY_SHIFT = 2 ** 31;

/**
 * The least harmful node: fewest broken budgets, lowest highest priority, lowest sum of priorities, fewest victims, latest start of the
 * earliest of the most important; then the first. Source: `framework/preemption/preemption.go` pickOneNodeForPreemption.
 */
export function leastHarm(candidates: readonly Victims[], now: number): Victims | undefined {
  const harms: readonly ((candidate: Victims) => number)[] = [
    ({ budgetViolations }) => budgetViolations,
    ({ pods }) => pods[0]?.priority ?? 0,
    ({ pods }) => pods.reduce((sum, { priority }) => sum + priority + PRIORITY_SHIFT, 0),
    ({ pods }) => pods.length,
    ({ pods }) => -earliestOfMostImportant(pods, now),
  ];
  let left = candidates;
  for (const harm of harms) {
    const least = left.reduce((lowest, candidate) => Math.min(lowest, harm(candidate)), Number.POSITIVE_INFINITY);
    left = left.filter((candidate) => harm(candidate) === least);
    if (left.length === 1) break;
  }
  return left[0];
}

function earliestOfMostImportant(pods: readonly PodInfo[], now: number): number {
  const highest = pods.reduce((most, { priority }) => Math.max(most, priority), Number.NEGATIVE_INFINITY);
  return pods.reduce(
    (first, { pod, priority }) => (priority === highest ? Math.min(first, startOf(pod, now)) : first),
    Number.POSITIVE_INFINITY,
  );
}
