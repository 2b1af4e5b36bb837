import type { TraceRecord } from '@slipway/kernel';
import type { KubeObject } from '@slipway/kube';

/** What a written object was before and after, and whether it is gone now. */
export interface Change {
  readonly record: TraceRecord;
  /** `pods`. */
  readonly resource: string;
  /** `create`, `update status`, `bind` … */
  readonly verb: string;
  readonly object: KubeObject;
  readonly before: KubeObject | undefined;
  /** True when the object left the store. */
  readonly gone: boolean;
}

/**
 * A kept trace, indexed: every event by number, the answer of each call, the change behind each write, and which call was made while
 * another was being answered. Made once, in one pass.
 */
export class Chronicle {
  readonly records: readonly TraceRecord[];
  /** Every object that was written, as it was last, by uid. */
  readonly objects = new Map<string, { readonly resource: string; object: KubeObject; gone: boolean }>();
  readonly changes = new Map<number, Change>();
  readonly #bySeq = new Map<number, TraceRecord>();
  readonly #answers = new Map<number, TraceRecord>();
  readonly #parents = new Map<number, TraceRecord | undefined>();

  /** @param records a kept stream, with whole requests, answers and objects. */
  constructor(records: readonly TraceRecord[]) {
    this.records = records;
    for (const record of records) {
      this.#bySeq.set(record.seq, record);
      if (record.kind === 'answer') this.#answers.set(record.cause, record);
      if (record.kind === 'write') this.#note(record);
    }
  }

  get(seq: number): TraceRecord | undefined {
    return this.#bySeq.get(seq);
  }

  answerOf(call: TraceRecord): TraceRecord | undefined {
    return this.#answers.get(call.seq);
  }

  /** When the call was answered; infinity for one that never was. */
  endOf(call: TraceRecord): number {
    return this.#answers.get(call.seq)?.at ?? Number.POSITIVE_INFINITY;
  }

  /** Who answers: known for certain once there is an answer. */
  calleeOf(call: TraceRecord): string {
    return this.#answers.get(call.seq)?.actor ?? call.name.slice(0, call.name.indexOf('.'));
  }

  /** The call that this event's actor was answering when it made it. */
  parentOf(record: TraceRecord): TraceRecord | undefined {
    if (this.#parents.has(record.seq)) return this.#parents.get(record.seq);
    let parent: TraceRecord | undefined;
    const cause = this.#bySeq.get(record.cause);
    if (cause?.kind === 'call') {
      if (this.calleeOf(cause) === record.actor && record.at <= this.endOf(cause)) parent = cause;
    } else if (cause?.kind === 'answer') {
      const call = this.#bySeq.get(cause.cause);
      const around = call && call.actor === record.actor ? this.parentOf(call) : undefined;
      if (around && record.at <= this.endOf(around)) parent = around;
    }
    this.#parents.set(record.seq, parent);
    return parent;
  }

  /** The call of the same actor whose answer led straight on to this one. */
  followsOn(record: TraceRecord): TraceRecord | undefined {
    const cause = this.#bySeq.get(record.cause);
    const call = cause?.kind === 'answer' ? this.#bySeq.get(cause.cause) : undefined;
    return call?.actor === record.actor ? call : undefined;
  }

  /** The API call behind a write, past the webhooks that were asked on its way. */
  requestOf(write: TraceRecord): TraceRecord | undefined {
    let at = this.#bySeq.get(write.cause);
    while (at && !(at.kind === 'call' && at.name.startsWith('api.'))) {
      if (at.kind === 'write') return undefined;
      at = this.#bySeq.get(at.cause);
    }
    return at;
  }

  /** The nearest write that the event follows from, other than itself. */
  writeBehind(record: TraceRecord): TraceRecord | undefined {
    let at = this.#bySeq.get(record.cause);
    while (at && at.kind !== 'write') at = this.#bySeq.get(at.cause);
    return at;
  }

  #note(record: TraceRecord): void {
    const object = record.full as KubeObject | undefined;
    const uid = object?.metadata?.uid;
    if (!object || uid === undefined) return;
    const words = record.name.slice(record.name.indexOf('/') + 1);
    const space = words.lastIndexOf(' ');
    const resource = words.slice(space + 1);
    const gone = record.data[1] === 0;
    const known = this.objects.get(uid);
    this.changes.set(record.seq, { record, resource, verb: words.slice(0, space), object, before: known?.object, gone });
    if (known) {
      known.object = object;
      known.gone = gone;
    } else this.objects.set(uid, { resource, object, gone });
  }
}
