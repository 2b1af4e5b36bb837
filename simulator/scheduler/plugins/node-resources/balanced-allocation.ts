import type { NodeInfo } from '../../cache/node-info.ts';
import { amountOf, isScalarResource, type Resource } from '../../cache/resource.ts';
import { skip, success } from '../../framework/status.ts';
import { MAX_NODE_SCORE, type PreScorePlugin, type ScorePlugin } from '../../framework/types.ts';
import { balance } from './resource-scorers.ts';

const HALF = MAX_NODE_SCORE / 2;

/**
 * Prefers nodes on which the pod evens out how full each resource is. From 1.36 on it is the change that counts: 75 for none, towards
 * 100 for the better, towards 50 for the worse. Source: `plugins/noderesources/balanced_allocation.go`.
 */
export function balancedAllocation(resources: readonly string[] = ['cpu', 'memory']): PreScorePlugin & ScorePlugin {
  return {
    name: 'NodeResourcesBalancedAllocation',
    preScore(_pod, _nodes, state) {
      // A pod that asks for nothing changes no balance; scoring it would send all such pods to one node (k8s#129138).
      return resources.every((name) => amountOf(state.podInfo.requests, name) === 0) ? skip : success;
    },
    score(_pod, nodeInfo, state) {
      return scoreChange(resources, state.podInfo.requests, nodeInfo);
    },
  };
}

function scoreChange(resources: readonly string[], requests: Resource, { allocatable, requested }: NodeInfo): number {
  const withPod: number[] = [];
  const without: number[] = [];
  for (const name of resources) {
    const has = amountOf(allocatable, name);
    const wanted = amountOf(requests, name);
    if (has === 0 || (wanted === 0 && isScalarResource(name))) continue;
    const used = amountOf(requested, name);
    withPod.push(Math.min(1, (used + wanted) / has));
    without.push(Math.min(1, used / has));
  }
  return HALF + Math.trunc((HALF + balance(withPod) - balance(without)) / 2);
}
