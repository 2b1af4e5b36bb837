import { type Choices, type Exploration, parseDuration } from '@slipway/kernel';
import type { ExploreDocument } from './schema.ts';

/** What a scenario says of exploration, as the kernel takes it. */
export function explorationOf({ order, changes, until, picks, jitter, heavyTail }: ExploreDocument): Exploration {
  return {
    ...(order === undefined ? {} : { order }),
    ...(changes === undefined ? {} : { changes }),
    ...(until === undefined ? {} : { until: parseDuration(until) }),
    ...(picks === undefined ? {} : { picks: new Map(Object.entries(picks).map(([point, pick]) => [Number(point), pick])) }),
    ...(jitter === undefined ? {} : { jitter }),
    ...(heavyTail === undefined ? {} : { heavyTail }),
  };
}

/**
 * The same run with its choices of order written out, so that they can be taken away one by one: what a run with this document has
 * chosen, in place of how it chose. A document that explores no order stays as it is.
 */
export function withPicks(document: ExploreDocument, choices: Choices): ExploreDocument {
  const { order, changes: _changes, picks: _picks, ...rest } = document;
  if (order === undefined) return document;
  return { ...rest, order: 'picks', picks: Object.fromEntries(choices.deviations) };
}
