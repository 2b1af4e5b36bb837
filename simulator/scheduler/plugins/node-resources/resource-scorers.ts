import { MAX_NODE_SCORE } from '../../framework/types.ts';

/** A resource that a score looks at, and how much it counts. */
export interface WeightedResource {
  readonly name: string;
  readonly weight: number;
}

/** A point of a piecewise linear function: utilization in percent, score 0 to 10. */
export interface ShapePoint {
  readonly utilization: number;
  readonly score: number;
}

/** Scores one resource and says how scores of several are brought together. All maths is that of Go's int64: divisions truncate. */
export interface ResourceScorer {
  /** 0 to 100 for what the node would hold of the resource with the pod on it, out of how much; `allocatable` is above zero. */
  scoreOf(requested: number, allocatable: number): number;
  /** The weighted mean is rounded instead of cut, and resources that score nothing are left out of it. */
  readonly ignoresZero: boolean;
}

/** The freer the better. Source: `plugins/noderesources/least_allocated.go`. */
export const leastAllocated: ResourceScorer = {
  scoreOf: (requested, allocatable) =>
    requested > allocatable ? 0 : Math.trunc(((allocatable - requested) * MAX_NODE_SCORE) / allocatable),
  ignoresZero: false,
};

/** The fuller the better. Source: `plugins/noderesources/most_allocated.go`. */
export const mostAllocated: ResourceScorer = {
  scoreOf: (requested, allocatable) => Math.trunc((Math.min(requested, allocatable) * MAX_NODE_SCORE) / allocatable),
  ignoresZero: false,
};

/** As the shape says of the utilization. Source: `plugins/noderesources/requested_to_capacity_ratio.go`. */
export function requestedToCapacityRatio(shape: readonly ShapePoint[]): ResourceScorer {
  const scoreAt = brokenLinear(shape.map(({ utilization, score }) => ({ utilization, score: score * (MAX_NODE_SCORE / 10) })));
  return {
    scoreOf: (requested, allocatable) => scoreAt(requested > allocatable ? 100 : Math.trunc((requested * 100) / allocatable)),
    ignoresZero: true,
  };
}

/** Linear between points, constant beyond them; divisions truncate. Source: `plugins/helper/shape_score.go`. */
export function brokenLinear(points: readonly ShapePoint[]): (utilization: number) => number {
  return (utilization) => {
    const next = points.findIndex((point) => utilization <= point.utilization);
    const right = points[next];
    const left = points[next - 1];
    if (right === undefined) return points.at(-1)?.score ?? 0;
    if (left === undefined) return right.score;
    const rise = (right.score - left.score) * (utilization - left.utilization);
    return left.score + Math.trunc(rise / (right.utilization - left.utilization));
  };
}

/** How alike the fractions are: 100 for all alike, 50 at worst. Source: `plugins/noderesources/balanced_allocation.go`. */
export function balance(fractions: readonly number[]): number {
  return Math.trunc((1 - standardDeviation(fractions)) * MAX_NODE_SCORE);
}

function standardDeviation(fractions: readonly number[]): number {
  if (fractions.length < 2) return 0;
  if (fractions.length === 2) return Math.abs(((fractions[0] ?? 0) - (fractions[1] ?? 0)) / 2);
  const mean = fractions.reduce((sum, fraction) => sum + fraction, 0) / fractions.length;
  return Math.sqrt(fractions.reduce((sum, fraction) => sum + (fraction - mean) * (fraction - mean), 0) / fractions.length);
}
