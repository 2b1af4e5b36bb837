import type { TraceRecord } from '@slipway/kernel';

/**
 * One event of Chrome's trace-event format, which ui.perfetto.dev and chrome://tracing open ("Trace Event Format", Google, sections
 * "Complete Events", "Instant Events", "Flow Events", "Metadata Events"). Times are microseconds.
 */
export interface TraceEvent {
  readonly name: string;
  readonly cat?: string;
  readonly ph: 'X' | 'i' | 's' | 'f' | 'M';
  readonly ts: number;
  readonly dur?: number;
  readonly pid: number;
  readonly tid: number;
  readonly id?: number;
  readonly s?: 't';
  readonly bp?: 'e';
  readonly args?: Readonly<Record<string, unknown>>;
}

export interface TraceEvents {
  readonly traceEvents: readonly TraceEvent[];
  readonly displayTimeUnit: 'ms';
}

/** A thread of a process: what stands on one is nested properly. */
interface Lane {
  readonly tid: number;
  /** Ends of the calls that are under way, outermost first. */
  readonly open: number[];
}

interface Track {
  readonly pid: number;
  readonly lanes: Lane[];
}

/**
 * A whole trace for Perfetto: a process for each node and one for all else, a thread for each actor, with lanes of their own for calls
 * that overlap without one being within the other. A call is drawn with its caller, its answer's outcome in `args`; arrows lead from
 * what caused it, from another actor. Decisions, faults, writes and logs are instants. Microseconds of virtual time.
 */
export function perfetto(records: readonly TraceRecord[]): TraceEvents {
  return new PerfettoWriter(records).write();
}

/** The same as JSON text, an event a line. */
export function perfettoText(records: readonly TraceRecord[]): string {
  const { traceEvents, displayTimeUnit } = perfetto(records);
  return `{"traceEvents":[\n${traceEvents.map((event) => JSON.stringify(event)).join(',\n')}\n],"displayTimeUnit":"${displayTimeUnit}"}\n`;
}

class PerfettoWriter {
  readonly #records: readonly TraceRecord[];
  readonly #answers = new Map<number, TraceRecord>();
  readonly #processes = new Map<string, number>();
  readonly #tracks = new Map<string, Track>();
  /** Where each event stands, so that arrows find it. */
  readonly #places = new Map<number, { readonly pid: number; readonly tid: number; readonly ts: number; readonly actor: string }>();
  readonly #names: TraceEvent[] = [];
  readonly #events: TraceEvent[] = [];
  readonly #end: number;
  #threads = 0;

  constructor(records: readonly TraceRecord[]) {
    this.#records = records;
    for (const record of records) if (record.kind === 'answer') this.#answers.set(record.cause, record);
    this.#end = records.at(-1)?.at ?? 0;
  }

  write(): TraceEvents {
    for (const record of this.#records) {
      if (record.kind === 'call') this.#call(record);
      else if (record.kind === 'answer') this.#noteAnswer(record);
      else this.#instant(record);
    }
    // Viewers want events of a thread in order of time; the outer of two that begin together first.
    const sorted = this.#events
      .map((event, index) => ({ event, index }))
      .sort((one, other) => one.event.ts - other.event.ts || one.index - other.index)
      .map(({ event }) => event);
    return { traceEvents: [...this.#names, ...sorted], displayTimeUnit: 'ms' };
  }

  #call(record: TraceRecord): void {
    const answer = this.#answers.get(record.seq);
    const end = answer?.at ?? this.#end;
    const { pid, tid } = this.#place(record.actor, record.at, end);
    this.#places.set(record.seq, { pid, tid, ts: record.at, actor: record.actor });
    this.#events.push({
      name: record.name,
      cat: record.name.slice(0, Math.max(0, record.name.indexOf('.'))) || 'call',
      ph: 'X',
      ts: record.at,
      dur: end - record.at,
      pid,
      tid,
      args: {
        seq: record.seq,
        ...(record.subject === undefined ? {} : { subject: record.subject }),
        ...(answer ? { to: answer.actor, outcome: answer.data.join(' ') } : { outcome: 'no answer' }),
      },
    });
    this.#arrow(record, pid, tid);
  }

  /** What follows from an answer follows from its call, at the time of the answer. */
  #noteAnswer(record: TraceRecord): void {
    const call = this.#places.get(record.cause);
    if (call) this.#places.set(record.seq, { ...call, ts: record.at });
  }

  #instant(record: TraceRecord): void {
    const { pid, tid } = this.#place(record.actor, record.at, record.at);
    this.#places.set(record.seq, { pid, tid, ts: record.at, actor: record.actor });
    this.#events.push({
      name: `${record.name}${record.subject === undefined ? '' : ` ${record.subject}`}`,
      cat: record.kind,
      ph: 'i',
      ts: record.at,
      s: 't',
      pid,
      tid,
      args: { seq: record.seq, data: record.data.join(' ') },
    });
    this.#arrow(record, pid, tid);
  }

  /** From the cause, where that is another actor's: within one actor the order shows it. */
  #arrow(record: TraceRecord, pid: number, tid: number): void {
    const from = this.#places.get(record.cause);
    if (!from || from.actor === record.actor) return;
    const common = { name: 'cause', cat: 'cause', id: record.seq } as const;
    this.#events.push({ ...common, ph: 's', ts: from.ts, pid: from.pid, tid: from.tid });
    this.#events.push({ ...common, ph: 'f', bp: 'e', ts: record.at, pid, tid });
  }

  /** A lane of the actor on which the call lies free of the others, or wholly within them. */
  #place(actor: string, at: number, end: number): { pid: number; tid: number } {
    const { pid, lanes } = this.#track(actor);
    for (const { tid, open } of lanes) {
      while (open.length > 0 && (open.at(-1) ?? 0) <= at) open.pop();
      if (open.length > 0 && (open.at(-1) ?? 0) < end) continue;
      if (end > at) open.push(end);
      return { pid, tid };
    }
    const tid = this.#nameThread(pid, `${actor} (${lanes.length + 1})`);
    lanes.push({ tid, open: end > at ? [end] : [] });
    return { pid, tid };
  }

  #track(actor: string): Track {
    let track = this.#tracks.get(actor);
    if (!track) {
      const slash = actor.lastIndexOf('/');
      const place = slash < 0 ? '' : actor.slice(slash + 1);
      const pid = this.#process(this.#isNode(place) ? `node ${place}` : 'control plane and cloud');
      track = { pid, lanes: [{ tid: this.#nameThread(pid, actor), open: [] }] };
      this.#tracks.set(actor, track);
    }
    return track;
  }

  #nodes: ReadonlySet<string> | undefined;

  /** A machine is known by its kubelet. */
  #isNode(place: string): boolean {
    this.#nodes ??= new Set(
      this.#records.filter(({ actor }) => actor.startsWith('kubelet/')).map(({ actor }) => actor.slice('kubelet/'.length)),
    );
    return this.#nodes.has(place);
  }

  #process(name: string): number {
    let pid = this.#processes.get(name);
    if (pid === undefined) {
      pid = this.#processes.size + 1;
      this.#processes.set(name, pid);
      this.#names.push({ name: 'process_name', ph: 'M', ts: 0, pid, tid: 0, args: { name } });
    }
    return pid;
  }

  #nameThread(pid: number, name: string): number {
    this.#threads += 1;
    this.#names.push({ name: 'thread_name', ph: 'M', ts: 0, pid, tid: this.#threads, args: { name } });
    return this.#threads;
  }
}
