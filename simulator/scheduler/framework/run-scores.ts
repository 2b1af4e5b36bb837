import type { Pod } from '@slipway/kube';
import type { NodeInfo } from '../cache/node-info.ts';
import type { CycleState } from './cycle-state.ts';
import type { Framework } from './framework.ts';
import { messageOfStatus } from './status.ts';
import { MAX_NODE_SCORE } from './types.ts';

/** One plugin's scores, in the order of the nodes. */
export interface PluginScores {
  readonly plugin: string;
  readonly weight: number;
  readonly raw: readonly number[];
  /** From 0 to 100. */
  readonly normalized: readonly number[];
}

/** Sums by node, and what they are made of; or what went wrong. */
export type ScoreResult = { readonly totals: readonly number[]; readonly parts: readonly PluginScores[] } | { readonly error: string };

/**
 * PreScore, Score, NormalizeScore and weights. A score outside 0 to 100 is an error, as upstream has it.
 * Source: `framework/runtime/framework.go` RunPreScorePlugins, RunScorePlugins.
 */
export function runScores(framework: Framework, pod: Pod, nodes: readonly NodeInfo[], state: CycleState): ScoreResult {
  for (const plugin of framework.preScore) {
    const status = plugin.preScore(pod, nodes, state);
    if (status.code === 'Skip') state.skipScore.add(plugin.name);
    else if (status.code !== 'Success') return { error: `running PreScore plugin "${plugin.name}": ${messageOfStatus(status)}` };
  }
  const totals = nodes.map(() => 0);
  const parts: PluginScores[] = [];
  for (const { plugin, weight } of framework.score) {
    if (state.skipScore.has(plugin.name)) continue;
    const raw = nodes.map((nodeInfo) => plugin.score(pod, nodeInfo, state));
    const normalized = plugin.normalizeScore ? plugin.normalizeScore(raw, pod, nodes, state) : raw;
    for (let index = 0; index < nodes.length; index++) {
      const score = normalized[index];
      if (score === undefined || !(score >= 0 && score <= MAX_NODE_SCORE)) {
        return {
          error: `plugin "${plugin.name}" returns an invalid score ${score}, it should in the range of [0, ${MAX_NODE_SCORE}] after normalizing`,
        };
      }
      totals[index] = (totals[index] ?? 0) + score * weight;
    }
    parts.push({ plugin: plugin.name, weight, raw, normalized });
  }
  return { totals, parts };
}
