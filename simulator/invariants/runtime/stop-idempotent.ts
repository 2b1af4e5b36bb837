import { messageOf, type TraceRecord } from '@slipway/kernel';
import { isLinkFailure } from '../dispatch.ts';
import type { Check, Exchange, Invariant } from '../invariant.ts';
import { Remembered } from '../facts/remembered.ts';
import { nodeOf } from '../titles.ts';

/** Void when an injected fault struck on the node while the call was under way, or when two such calls for one object met. */
export const stopIdempotent: Invariant = {
  id: 'CRI-01',
  name: 'stop-idempotent',
  kind: 'S',
  holds: 'stopping or removing an already stopped or absent sandbox or container succeeds',
  watch: (_world, { violated, met: judged }) => {
    const done = new Remembered<string>();
    /** Calls under way by `node/id`. */
    const underWay = new Map<string, Set<number>>();
    const met = new Set<number>();
    const begin = (call: TraceRecord): void => {
      const key = keyOf(call);
      if (done.get(key) !== undefined) judged();
      const others = underWay.get(key);
      if (!others) {
        underWay.set(key, new Set([call.seq]));
        return;
      }
      for (const seq of others.add(call.seq)) met.add(seq);
    };
    const end = ({ call, answer, ok, code, disturbed }: Exchange): void => {
      const key = keyOf(call);
      const others = underWay.get(key);
      others?.delete(call.seq);
      if (others?.size === 0) underWay.delete(key);
      const metOthers = met.delete(call.seq);
      if (ok) {
        done.set(key, call.name.includes('/Stop') ? 'stopped' : 'removed');
        return;
      }
      if (disturbed || metOthers || isLinkFailure(code)) return;
      const before = done.get(key) ?? (code === 'NOT_FOUND' ? 'absent' : undefined);
      if (before === undefined) return;
      const object = `${call.name.endsWith('PodSandbox') ? 'PodSandbox' : 'Container'} ${idOf(call).slice(0, 13)}`;
      violated(`${answer.actor} answered ${call.name} with ${code} (${messageOf(answer.full)}); ${object} was ${before} already`, object);
    };
    const called: Record<string, (call: TraceRecord) => void> = {};
    const answered: Record<string, (exchange: Exchange) => void> = {};
    for (const method of ['StopPodSandbox', 'RemovePodSandbox', 'StopContainer', 'RemoveContainer']) {
      called[`cri.RuntimeService/${method}`] = begin;
      answered[`cri.RuntimeService/${method}`] = end;
    }
    return { called, answered } satisfies Check;
  },
};

function idOf({ full }: TraceRecord): string {
  const { podSandboxId, containerId } = full as { readonly podSandboxId?: string; readonly containerId?: string };
  return podSandboxId ?? containerId ?? '';
}

const keyOf = (call: TraceRecord): string => `${nodeOf(call.actor)}/${idOf(call)}`;
