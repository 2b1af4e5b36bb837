import { parseTime } from '@slipway/kube';
import type { CommittedWrite } from '../../apiserver/index.ts';
import type { Invariant } from '../invariant.ts';
import { titleOf } from '../titles.ts';

/** Times in objects are whole seconds at best, and some are rounded up. */
const ROUNDING = 1_000_000;

interface Timed {
  readonly type?: string;
  readonly lastTransitionTime?: string;
  readonly lastHeartbeatTime?: string;
  readonly lastUpdateTime?: string;
}

/**
 * Holds the trace's times against each other, and the times that the cluster writes into objects against the virtual clock: one that was
 * read from the machine's own clock lies years off. What users bring along is theirs.
 */
export const clock: Invariant = {
  id: 'SIM-02',
  name: 'clock',
  kind: 'S',
  holds: 'virtual time never runs backwards and nothing reads the wall clock',
  watch: ({ kernel }, { violated, met }) => {
    let latest = kernel.now;
    let newest = kernel.traceSequence;
    /** Most times are the same few texts. */
    const judged = new Map<string, boolean>();
    // A fault may set the clocks of machines wrong.
    const isShown = (time: number): boolean =>
      time >= kernel.epoch - kernel.clockError.behind && time <= kernel.unixMicros + kernel.clockError.ahead + ROUNDING;
    const isPossible = (text: string): boolean => {
      const known = judged.get(text);
      if (known !== undefined) return known;
      const time = parseTime(text);
      const possible = time === undefined || isShown(time);
      if (judged.size >= 512) judged.clear();
      judged.set(text, possible);
      return possible;
    };
    const judge = (write: CommittedWrite, text: string | undefined, what: string, who: string): void => {
      if (text === undefined) return;
      met();
      if (isPossible(text)) return;
      violated(`${who} wrote ${what} ${text} into ${titleOf(write.object)}, which the virtual clock never showed`, titleOf(write.object));
    };
    return {
      trace({ seq, at, actor, name }) {
        if (at < latest) violated(`time went back from ${latest} to ${at} µs at ${name} of ${actor}`);
        if (at > kernel.now) violated(`${name} of ${actor} happens at ${at} µs, but it is ${kernel.now} µs`);
        if (seq !== newest + 1) violated(`trace event ${seq} follows ${newest}`);
        latest = at;
        newest = seq;
      },
      write(write, by) {
        const { type, object, old } = write;
        if (type === 'ADDED') judge(write, object.metadata.creationTimestamp, 'the creation time', 'the API server');
        if (type !== 'MODIFIED' || !old || !by || by.actor === 'kubectl') return;
        const [now, before] = [statusOf(object), statusOf(old)];
        if (now === before || now === undefined) return;
        if (now.startTime !== before?.startTime) judge(write, now.startTime, 'the start time', by.actor);
        if (now.conditions === before?.conditions) return;
        for (const [index, condition] of (now.conditions ?? []).entries()) {
          const earlier = before?.conditions?.[index];
          for (const key of ['lastTransitionTime', 'lastHeartbeatTime', 'lastUpdateTime'] as const) {
            if (condition[key] !== earlier?.[key]) judge(write, condition[key], `${condition.type ?? 'a condition'}'s ${key}`, by.actor);
          }
        }
      },
    };
  },
};

interface TimedStatus {
  readonly startTime?: string;
  readonly conditions?: readonly Timed[];
}

function statusOf(object: object): TimedStatus | undefined {
  const { status } = object as { readonly status?: TimedStatus };
  return status && (status.conditions === undefined || Array.isArray(status.conditions)) ? status : undefined;
}
