import type { TraceRecord } from '@slipway/kernel';

const NONE: readonly TraceRecord[] = [];

/** A kept trace with its ways from cause to effect and back. */
export class TraceIndex {
  readonly records: readonly TraceRecord[];
  readonly #bySeq = new Map<number, TraceRecord>();
  readonly #followers = new Map<number, TraceRecord[]>();

  constructor(records: readonly TraceRecord[]) {
    this.records = records;
    for (const record of records) {
      this.#bySeq.set(record.seq, record);
      const siblings = this.#followers.get(record.cause);
      if (siblings) siblings.push(record);
      else this.#followers.set(record.cause, [record]);
    }
  }

  get(seq: number): TraceRecord | undefined {
    return this.#bySeq.get(seq);
  }

  /** What has this event as its cause, in order; 0: what nothing in the trace led to. */
  followers(seq: number): readonly TraceRecord[] {
    return this.#followers.get(seq) ?? NONE;
  }

  /** The answer to a call, if it came. */
  answerTo({ seq, name }: TraceRecord): TraceRecord | undefined {
    return this.followers(seq).find((event) => event.kind === 'answer' && event.name === name);
  }

  /** The event's causes, nearest first. */
  causesOf({ cause }: TraceRecord): readonly TraceRecord[] {
    const chain: TraceRecord[] = [];
    for (let event = this.get(cause); event; event = this.get(event.cause)) chain.push(event);
    return chain;
  }
}
