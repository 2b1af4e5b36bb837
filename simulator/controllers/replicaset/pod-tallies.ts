import { isPodReady, isTerminal, type LabelSelector, matchesLabelMap, matchesLabelSelector, type Pod, type Stored } from '@slipway/kube';
import { byController } from '../pod-control.ts';

/** What a set's pods amount to, as far as its status says it. */
export interface PodCounts {
  /** Neither ended nor being deleted. */
  readonly active: number;
  readonly ready: number;
  /** Ready for at least the set's `minReadySeconds`. */
  readonly available: number;
  /** Active ones that carry every label of the set's template. */
  readonly fullyLabeled: number;
  readonly terminating: number;
}

type Labels = Pod['metadata']['labels'];

/** Pods of one controller that have the same labels: nearly always all of them. */
interface Group {
  readonly labels: Labels;
  pods: number;
  active: number;
  ready: number;
  terminating: number;
}

/**
 * Counts of pods per controller, kept up to date change by change: a set of a thousand pods would otherwise be counted anew for each
 * change of one of them. What depends on the set (its selector, the labels of its template) is asked once per group of like labels.
 */
export class PodTallies {
  readonly #groups = new Map<string, Map<string, Group>>();

  /** One change of the pod cache. */
  change(old: Stored<Pod> | undefined, pod: Stored<Pod> | undefined): void {
    if (old) this.#add(old, -1);
    if (pod) this.#add(pod, 1);
  }

  /**
   * The counts of the controller `uid`; undefined where a pod of it does not match `selector` any more, which then has to be released.
   */
  of(uid: string, selector: LabelSelector | undefined, templateLabels: Readonly<Record<string, string>>): PodCounts | undefined {
    const counts = { active: 0, ready: 0, available: 0, fullyLabeled: 0, terminating: 0 };
    for (const group of this.#groups.get(uid)?.values() ?? []) {
      if (!matchesLabelSelector(selector, group.labels)) return undefined;
      counts.active += group.active;
      counts.ready += group.ready;
      // A set that waits for `minReadySeconds` is counted pod by pod.
      counts.available += group.ready;
      counts.terminating += group.terminating;
      if (matchesLabelMap(templateLabels, group.labels)) counts.fullyLabeled += group.active;
    }
    return counts;
  }

  /** Whether active pods that match `selector` are found under `value` of the index: orphans that may be adopted. */
  hasActive(value: string, selector: LabelSelector | undefined): boolean {
    for (const group of this.#groups.get(value)?.values() ?? []) {
      if (group.active > 0 && matchesLabelSelector(selector, group.labels)) return true;
    }
    return false;
  }

  #add(pod: Stored<Pod>, sign: 1 | -1): void {
    const ended = isTerminal(pod);
    const deleting = pod.metadata.deletionTimestamp !== undefined;
    const active = !ended && !deleting;
    for (const value of byController(pod)) {
      const group = this.#group(value, pod.metadata.labels);
      group.pods += sign;
      if (active) {
        group.active += sign;
        if (isPodReady(pod)) group.ready += sign;
      } else if (!ended) group.terminating += sign;
      if (group.pods === 0) this.#forget(value, group);
    }
  }

  #group(value: string, labels: Labels): Group {
    let groups = this.#groups.get(value);
    if (!groups) {
      groups = new Map();
      this.#groups.set(value, groups);
    }
    const key = keyOfLabels(labels);
    let group = groups.get(key);
    if (!group) {
      group = { labels, pods: 0, active: 0, ready: 0, terminating: 0 };
      groups.set(key, group);
    }
    return group;
  }

  #forget(value: string, group: Group): void {
    const groups = this.#groups.get(value);
    groups?.delete(keyOfLabels(group.labels));
    if (groups?.size === 0) this.#groups.delete(value);
  }
}

/** The same text for the same labels in the same order; another order only makes one more group. */
function keyOfLabels(labels: Labels): string {
  let key = '';
  for (const name in labels) key += `${name}=${labels[name]}\n`;
  return key;
}
