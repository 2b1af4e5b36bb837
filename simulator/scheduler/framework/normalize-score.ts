import { MAX_NODE_SCORE } from './types.ts';

/**
 * Scales scores so that the highest becomes 100; `reverse` turns them round, so that the highest raw score becomes the worst.
 * Integer maths: divisions truncate. Source: `plugins/helper/normalize_score.go`.
 */
export function defaultNormalizeScore(scores: readonly number[], reverse: boolean): readonly number[] {
  const highest = scores.reduce((most, score) => (score > most ? score : most), 0);
  if (highest === 0) return reverse ? scores.map(() => MAX_NODE_SCORE) : scores;
  return scores.map((score) => {
    const scaled = Math.trunc((MAX_NODE_SCORE * score) / highest);
    return reverse ? MAX_NODE_SCORE - scaled : scaled;
  });
}
