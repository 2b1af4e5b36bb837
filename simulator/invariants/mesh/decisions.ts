import type { AuthoriseRequest, AuthoriseResponse } from '@slipway/smi';
import { type Micros, seconds } from '@slipway/kernel';
import type { Facts } from '../facts/index.ts';
import { Remembered } from '../facts/remembered.ts';
import type { Check, Exchange, Watched } from '../invariant.ts';
import { type Allowance, flowOf, Policies, policyResources } from './policies.ts';

/** Proxies learn of a change a little later. */
export const GRACE: Micros = seconds(5);

/** A request that a mesh refused though, by the objects, it is allowed. */
export interface Refusal {
  readonly exchange: Exchange;
  readonly request: AuthoriseRequest;
  readonly reason: string;
  readonly by: Allowance;
  /** It passed before, and since then targets were added, and nothing was changed or taken away. */
  readonly passedBefore: boolean;
  /** It hangs on order: no target allows it by the first of its sources and rules alone, or the first target by name does not. */
  readonly byOrder: boolean;
}

export interface Told {
  /** Of each decision that could be judged. */
  judged(exchange: Exchange, request: AuthoriseRequest, allowances: readonly Allowance[]): void;
  refused?(refusal: Refusal): void;
}

/**
 * Compares a mesh's decisions with what the objects say. Says nothing while the mesh may not know yet: shortly after a change, and while
 * something is wrong anywhere.
 */
export function comparing({ kernel }: Watched, { staleness }: Facts, told: Told): Check {
  const policies = new Policies();
  let changedAt: Micros = Number.NEGATIVE_INFINITY;
  /** Counts changes and removals; additions count on their own. */
  let changes = 0;
  let additions = 0;
  const passed = new Remembered<{ readonly changes: number; readonly additions: number }>();
  return {
    resources: policyResources,
    write(write) {
      policies.write(write);
      changedAt = kernel.now;
      if (write.type === 'ADDED') additions += 1;
      else changes += 1;
    },
    answered: {
      'smi.Mesh/Authorise'(exchange) {
        const { call, answer, ok, disturbed } = exchange;
        if (!ok || disturbed) return;
        const request = call.full as AuthoriseRequest;
        if (!request.source || policies.isEmpty) return;
        const { allowed, reason, target } = answer.full as AuthoriseResponse;
        const flow = flowOf(request);
        const before = passed.get(flow);
        if (allowed && target !== undefined) passed.set(flow, { changes, additions });
        if (staleness.quietFor < GRACE || staleness.seenSince(kernel.now) < changedAt) return;
        const allowances = policies.allowing(request);
        told.judged(exchange, request, allowances);
        const [by] = allowances;
        if (allowed || !by) return;
        const byOrder =
          !allowances.some(({ source, rule }) => source === 0 && rule === 0) ||
          policies.targets[0]?.metadata.name !== by.target.split('/')[1];
        told.refused?.({
          exchange,
          request,
          reason,
          by,
          passedBefore: before !== undefined && before.changes === changes && before.additions < additions,
          byOrder,
        });
      },
    },
  };
}

/** `Pod default/web-1`. */
export const titleOf = ({ destination }: AuthoriseRequest): string => `Pod ${destination.metadata.namespace}/${destination.metadata.name}`;

/** `front of default`. */
export const senderOf = ({ source }: AuthoriseRequest): string => `${source?.serviceAccount} of ${source?.namespace}`;
