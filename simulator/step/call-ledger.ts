import { type Kernel, type Link, methodTitle, type TraceRecord } from '@slipway/kernel';
import { shortName } from '../faults/call-pattern.ts';
import { aboutOf } from './injection.ts';
import type { Around, CallStop } from './stop.ts';

/** Interfaces whose calls are the story. The API server is asked for everything, so of its calls only the one that places a pod counts. */
export const INTERFACES: ReadonlySet<string> = new Set(['oci', 'cri', 'cni', 'csi', 'cpi', 'smi', 'cloud']);
const BIND = 'api.Server/Bind';

/** What a stepper has to know of the calls of one run. */
export class CallLedger {
  readonly #kernel: Kernel;
  /** Calls without an answer. */
  readonly #open = new Map<number, TraceRecord>();
  /** Trace events by number, for causes. */
  readonly #causes = new Map<number, TraceRecord>();
  /** Sendings of each caller's calls to each method. */
  readonly #sendings = new Map<string, { readonly seq: number; readonly about: string | undefined }[]>();
  /** How many of them there were about each subject. */
  readonly #counts = new Map<string, number>();
  /** Calls that were refused on sending, and by which fault. */
  readonly #refused = new Map<number, string>();
  /** Calls that were lost on sending: no fault has counted them. */
  readonly #lost = new Set<number>();
  readonly #heartbeats = new Map<string, boolean>();

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** Notes a trace event. @returns the call, if it is one at which a run may stand. */
  note(record: TraceRecord): CallStop | undefined {
    const { kind, seq, name, cause, data } = record;
    if (kind === 'answer') this.#open.delete(cause);
    if (kind === 'fault' && data[0] === 'refused') this.#refused.set(cause, String(data[1] ?? ''));
    // What is cut off later, on arrival, has been counted; a partition would have been noted in between.
    if (kind === 'fault' && data[0] === 'request cut off' && cause === seq - 1) this.#lost.add(cause);
    if (kind === 'call' || kind === 'answer' || kind === 'decision') this.#causes.set(seq, record);
    if (kind !== 'call' || !(name === BIND || INTERFACES.has(name.slice(0, name.indexOf('.')))) || this.#isHeartbeat(record))
      return undefined;
    const key = `${record.actor} ${name}`;
    const sendings = this.#sendings.get(key) ?? [];
    this.#sendings.set(key, sendings);
    const about = aboutOf(record);
    const sort = `${key} ${about ?? ''}`;
    const alike = this.#counts.get(sort) ?? 0;
    this.#counts.set(sort, alike + 1);
    sendings.push({ seq, about });
    this.#open.set(seq, record);
    return {
      sort: 'call',
      id: `${sort} ${alike}`,
      at: record.at,
      seq,
      name,
      caller: record.actor,
      subject: record.subject,
      data,
      request: record.full,
    };
  }

  /**
   * How many calls like this one have been sent since a trace event, as a fault that was set by that event counts them.
   *
   * @param earlier names of faults that were set before: whoever meets a call that one of them refuses never sees it.
   */
  before(stop: CallStop, since: number, earlier: readonly string[]): number {
    const about = aboutOf(stop);
    const sendings = this.#sendings.get(`${stop.caller} ${stop.name}`) ?? [];
    return sendings.filter(
      (sent) =>
        sent.seq > since &&
        sent.seq < stop.seq &&
        (about === undefined || sent.about === about) &&
        !this.#lost.has(sent.seq) &&
        !earlier.includes(this.#refused.get(sent.seq) ?? ''),
    ).length;
  }

  /** Who may answer the call: one, where its caller has one link for such calls. */
  calleesOf({ caller, name }: CallStop): readonly string[] {
    return this.#calleesOf(caller, name);
  }

  /** What set off the chain of calls that led to a trace event: the number of the step, for what a step does. */
  originOf(seq: number): number {
    let at = seq;
    for (let record = this.#causes.get(at); record; record = this.#causes.get(at)) at = record.cause;
    return at;
  }

  /** Calls of signs of life are traced only when they fail, and then after the fact: there is nothing to stop. */
  #isHeartbeat({ name, actor }: TraceRecord): boolean {
    let isHeartbeat = this.#heartbeats.get(name);
    if (isHeartbeat === undefined) {
      const [link] = this.#linksOf(actor, name);
      const methods = (link?.service.methods ?? {}) as Readonly<Record<string, { readonly heartbeat?: boolean }>>;
      isHeartbeat = Object.entries(methods).some(
        ([method, { heartbeat }]) => heartbeat === true && link !== undefined && methodTitle(link.service, method) === name,
      );
      if (link !== undefined) this.#heartbeats.set(name, isHeartbeat);
    }
    return isHeartbeat;
  }

  #calleesOf(caller: string, name: string): readonly string[] {
    return [...new Set(this.#linksOf(caller, name).map(({ to }) => to.name))].sort();
  }

  #linksOf(caller: string, name: string): readonly Link[] {
    const service = name.slice(0, name.indexOf('/'));
    return [...this.#kernel.links].filter(
      (link) => link.from.name === caller && `${link.service.interface}.${shortName(link.service)}` === service,
    );
  }

  /** The calls that are being answered while this one is made, outermost first. Asked while the run stands at it. */
  around(stop: CallStop): readonly Around[] {
    const around: Around[] = [];
    let inner: { readonly actor: string; readonly seq: number } = { actor: stop.caller, seq: stop.seq };
    for (let at = this.#causes.get(stop.seq); at; at = this.#causes.get(at.cause)) {
      // What a call has set off goes on elsewhere too: only the callee's own calls are made within it.
      if (at.seq === inner.seq || !this.#open.has(at.seq) || !this.#calleesOf(at.actor, at.name).includes(inner.actor)) continue;
      around.unshift({ name: at.name, subject: at.subject });
      inner = at;
    }
    return around;
  }
}
