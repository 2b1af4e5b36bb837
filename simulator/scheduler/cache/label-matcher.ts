import { type LabelSelector, matchesLabelSelector } from '@slipway/kube';

type Labels = { readonly [key: string]: string };

/** Selectors that must all match, with a text that is equal for equal selectors, so that counts can be kept by it. */
export class LabelMatcher {
  /** Canonical text: equal texts select the same pods. */
  readonly key: string;
  /** One `label=value` that every match has, when there is one: what an index looks under. */
  readonly pair: string | undefined;
  /** No requirement at all. */
  readonly isEmpty: boolean;
  readonly #selectors: readonly LabelSelector[];

  private constructor(selectors: readonly LabelSelector[], key: string, pair: string | undefined) {
    this.#selectors = selectors;
    this.key = key;
    this.pair = pair;
    this.isEmpty = key === '';
  }

  /** @param selectors ANDed; an absent selector among them matches nothing, so the caller leaves such a matcher out */
  static of(selectors: readonly LabelSelector[]): LabelMatcher {
    const requirements = selectors.flatMap(({ matchLabels, matchExpressions }) => [
      ...Object.entries(matchLabels ?? {}).map(([label, value]) => `${label}=${value}`),
      ...(matchExpressions ?? []).map(({ key, operator, values }) => `${key} ${operator} ${[...(values ?? [])].sort().join(',')}`),
    ]);
    const pairs = selectors.flatMap(({ matchLabels }) => Object.entries(matchLabels ?? {}).map(([label, value]) => `${label}=${value}`));
    return new LabelMatcher(selectors, [...new Set(requirements)].sort().join(';'), [...pairs].sort()[0]);
  }

  matches(labels: Labels | undefined): boolean {
    return this.#selectors.every((selector) => matchesLabelSelector(selector, labels ?? {}));
  }
}
