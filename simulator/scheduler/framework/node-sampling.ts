/** Below this many nodes all are searched, and at least so many feasible ones are looked for above. */
const MIN_FEASIBLE_NODES = 100;
/** Adaptive percentage never falls below this. */
const MIN_PERCENTAGE = 5;

/**
 * How many feasible nodes end the search. Source: `pkg/scheduler/schedule_one.go` numFeasibleNodesToFind.
 *
 * @param percentageOfNodesToScore 1 to 100; 0 means adaptive: 50 % less one point for each 125 nodes
 */
export function numFeasibleNodesToFind(nodes: number, percentageOfNodesToScore = 0): number {
  if (nodes < MIN_FEASIBLE_NODES) return nodes;
  const percentage = percentageOfNodesToScore > 0 ? percentageOfNodesToScore : Math.max(MIN_PERCENTAGE, 50 - Math.trunc(nodes / 125));
  return Math.max(MIN_FEASIBLE_NODES, Math.trunc((nodes * percentage) / 100));
}
