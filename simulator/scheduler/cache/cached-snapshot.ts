import type { Pod } from '@slipway/kube';
import type { DefaultSelectors } from './default-selectors.ts';
import type { LabelMatcher } from './label-matcher.ts';
import type { MatchingPodsIndex } from './matching-pods.ts';
import type { NodeInfo } from './node-info.ts';
import type { MatchingPods, Snapshot } from './snapshot.ts';

type Labels = { readonly [key: string]: string };

const noLabels: Labels = {};

/** The cache's snapshot: node infos are immutable, so bringing it up to date is replacing references. */
export class CachedSnapshot implements Snapshot {
  readonly namespaceLabels: (namespace: string) => Labels;
  readonly #matching: MatchingPodsIndex;
  readonly #selectors: DefaultSelectors;
  readonly #claimUsers: ReadonlyMap<string, number>;
  #nodes: NodeInfo[] = [];
  #indexOf = new Map<string, number>();
  /** Positions of nodes with such pods; empty in most clusters. */
  readonly #withAffinity = new Set<number>();
  readonly #withRequiredAntiAffinity = new Set<number>();

  constructor(
    matching: MatchingPodsIndex,
    selectors: DefaultSelectors,
    namespaces: ReadonlyMap<string, Labels>,
    claimUsers: ReadonlyMap<string, number>,
  ) {
    this.#matching = matching;
    this.#selectors = selectors;
    this.#claimUsers = claimUsers;
    this.namespaceLabels = (namespace) => namespaces.get(namespace) ?? noLabels;
  }

  get nodes(): readonly NodeInfo[] {
    return this.#nodes;
  }

  get nodesWithAffinityPods(): readonly NodeInfo[] {
    return this.#at(this.#withAffinity);
  }

  get nodesWithRequiredAntiAffinityPods(): readonly NodeInfo[] {
    return this.#at(this.#withRequiredAntiAffinity);
  }

  get(nodeName: string): NodeInfo | undefined {
    const index = this.#indexOf.get(nodeName);
    return index === undefined ? undefined : this.#nodes[index];
  }

  matchingPods(namespace: string, matcher: LabelMatcher): MatchingPods {
    return this.#matching.matching(namespace, matcher);
  }

  podsUsingClaim(key: string): number {
    return this.#claimUsers.get(key) ?? 0;
  }

  defaultSelector(pod: Pod): LabelMatcher | undefined {
    return this.#selectors.selectorOf(pod);
  }

  /** After nodes came, went or moved. */
  rebuild(nodes: readonly NodeInfo[]): void {
    this.#nodes = [...nodes];
    this.#indexOf = new Map(nodes.map((info, index) => [info.node.metadata.name, index]));
    this.#withAffinity.clear();
    this.#withRequiredAntiAffinity.clear();
    nodes.forEach((info, index) => {
      this.#note(info, index);
    });
  }

  /** After one node, or its pods, changed. */
  replace(info: NodeInfo): void {
    const index = this.#indexOf.get(info.node.metadata.name);
    if (index === undefined) return;
    this.#nodes[index] = info;
    this.#note(info, index);
  }

  #note(info: NodeInfo, index: number): void {
    if (info.podsWithAffinity.length > 0) this.#withAffinity.add(index);
    else if (this.#withAffinity.size > 0) this.#withAffinity.delete(index);
    if (info.podsWithRequiredAntiAffinity.length > 0) this.#withRequiredAntiAffinity.add(index);
    else if (this.#withRequiredAntiAffinity.size > 0) this.#withRequiredAntiAffinity.delete(index);
  }

  #at(positions: ReadonlySet<number>): readonly NodeInfo[] {
    return [...positions].sort((a, b) => a - b).flatMap((index) => this.#nodes[index] ?? []);
  }
}
