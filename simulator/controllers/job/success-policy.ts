import type { SuccessPolicy } from '@slipway/kube';
import { parseIndexes } from './indexes.ts';

/** Why an Indexed Job counts as done early; undefined while it does not. Source: `pkg/controller/job/success_policy.go`. */
export function matchSuccessPolicy({ rules }: SuccessPolicy, completions: number, succeeded: ReadonlySet<number>): string | undefined {
  for (const [at, { succeededIndexes, succeededCount }] of rules.entries()) {
    const wanted = succeededIndexes === undefined ? undefined : parseIndexes(succeededIndexes, completions);
    const hits = wanted ? [...wanted].filter((index) => succeeded.has(index)).length : succeeded.size;
    if (hits >= (succeededCount ?? wanted?.size ?? completions)) return `Matched rules at index ${at}`;
  }
  return undefined;
}
