import type { LabelMatcher } from './label-matcher.ts';
import type { PodInfo } from './pod-info.ts';
import type { MatchingPods } from './snapshot.ts';

/** Selectors kept at a time in one namespace; the one asked least recently goes first and is counted anew when asked again. */
const KEPT_SELECTORS = 1_000;

class Tracker implements MatchingPods {
  readonly matcher: LabelMatcher;
  readonly live = new Map<string, number>();
  readonly all = new Map<string, number>();

  constructor(matcher: LabelMatcher) {
    this.matcher = matcher;
  }

  change({ pod }: PodInfo, nodeName: string, by: 1 | -1): void {
    if (!this.matcher.matches(pod.metadata.labels)) return;
    change(this.all, nodeName, by);
    if (pod.metadata.deletionTimestamp === undefined) change(this.live, nodeName, by);
  }
}

function change(counts: Map<string, number>, nodeName: string, by: 1 | -1): void {
  const count = (counts.get(nodeName) ?? 0) + by;
  if (count === 0) counts.delete(nodeName);
  else counts.set(nodeName, count);
}

/** One namespace: its placed pods, and the selectors asked about, under one label that their matches have. */
class NamespacePods {
  readonly #pods = new Map<string, { readonly podInfo: PodInfo; readonly nodeName: string }>();
  readonly #trackers = new Map<string, Tracker>();
  readonly #byPair = new Map<string, Set<Tracker>>();

  get isEmpty(): boolean {
    return this.#pods.size === 0 && this.#trackers.size === 0;
  }

  add(podInfo: PodInfo, nodeName: string): void {
    this.#pods.set(podInfo.uid, { podInfo, nodeName });
    this.#change(podInfo, nodeName, 1);
  }

  remove(podInfo: PodInfo, nodeName: string): void {
    this.#pods.delete(podInfo.uid);
    this.#change(podInfo, nodeName, -1);
  }

  tracker(matcher: LabelMatcher): MatchingPods {
    const known = this.#trackers.get(matcher.key);
    if (known) {
      this.#trackers.delete(matcher.key);
      this.#trackers.set(matcher.key, known);
      return known;
    }
    const made = new Tracker(matcher);
    for (const { podInfo, nodeName } of this.#pods.values()) made.change(podInfo, nodeName, 1);
    this.#trackers.set(matcher.key, made);
    const pair = matcher.pair ?? '';
    const siblings = this.#byPair.get(pair);
    if (siblings) siblings.add(made);
    else this.#byPair.set(pair, new Set([made]));
    if (this.#trackers.size > KEPT_SELECTORS) this.#forgetOldest();
    return made;
  }

  #change(podInfo: PodInfo, nodeName: string, by: 1 | -1): void {
    if (this.#trackers.size === 0) return;
    for (const tracker of this.#byPair.get('') ?? []) tracker.change(podInfo, nodeName, by);
    for (const [label, value] of Object.entries(podInfo.pod.metadata.labels ?? {})) {
      for (const tracker of this.#byPair.get(`${label}=${value}`) ?? []) tracker.change(podInfo, nodeName, by);
    }
  }

  #forgetOldest(): void {
    for (const tracker of this.#trackers.values()) {
      this.#trackers.delete(tracker.matcher.key);
      this.#byPair.get(tracker.matcher.pair ?? '')?.delete(tracker);
      return;
    }
  }
}

/**
 * How many pods of a namespace match a selector, by node. Upstream walks all pods of all nodes for each pod that it places; here a
 * selector is counted once and then kept current with each pod that comes or goes.
 */
export class MatchingPodsIndex {
  readonly #namespaces = new Map<string, NamespacePods>();

  add(podInfo: PodInfo, nodeName: string): void {
    this.#namespace(podInfo.namespace).add(podInfo, nodeName);
  }

  remove(podInfo: PodInfo, nodeName: string): void {
    const pods = this.#namespaces.get(podInfo.namespace);
    pods?.remove(podInfo, nodeName);
    if (pods?.isEmpty) this.#namespaces.delete(podInfo.namespace);
  }

  matching(namespace: string, matcher: LabelMatcher): MatchingPods {
    return this.#namespace(namespace).tracker(matcher);
  }

  #namespace(name: string): NamespacePods {
    let pods = this.#namespaces.get(name);
    if (!pods) {
      pods = new NamespacePods();
      this.#namespaces.set(name, pods);
    }
    return pods;
  }
}
