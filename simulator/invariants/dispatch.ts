import { codeOf, type TraceRecord } from '@slipway/kernel';
import type { CommittedWrite } from '../apiserver/index.ts';
import type { Check, Exchange, Watched } from './invariant.ts';
import { nodeOf } from './titles.ts';

/** Calls that may write to the store: a write's cause is looked up among those that are not answered yet. */
const API_WRITES = ['Create', 'Update', 'UpdateStatus', 'Patch', 'Delete', 'DeleteCollection', 'Bind', 'Evict', 'Finalize'].map(
  (method) => `api.Server/${method}`,
);

interface OpenCall {
  readonly call: TraceRecord;
  readonly faultsHere: number;
  readonly faultsElsewhere: number;
}

/**
 * Tells each checker of what it asked for and of nothing else: what nobody asked for costs one look-up by name. Pairs answers with their
 * calls, and writes with the requests behind them.
 */
export class Dispatch {
  readonly #writes = new Map<string, ((write: CommittedWrite, by: TraceRecord | undefined) => void)[]>();
  readonly #everyWrite: ((write: CommittedWrite, by: TraceRecord | undefined) => void)[] = [];
  readonly #called = new Map<string, ((call: TraceRecord) => void)[]>();
  readonly #answered = new Map<string, ((exchange: Exchange) => void)[]>();
  readonly #strikes: ((record: TraceRecord) => void)[] = [];
  readonly #traces: ((record: TraceRecord) => void)[] = [];
  readonly #paired = new Set<string>();
  readonly #open = new Map<number, OpenCall>();
  /** Injected faults by node; those of the control plane under the empty name. */
  readonly #faults = new Map<string, number>();
  #writeCause = 0;

  /** @param checks in the order in which they are told */
  constructor({ kernel, server }: Pick<Watched, 'kernel' | 'server'>, checks: readonly Check[]) {
    for (const check of checks) this.#add(check);
    if (this.#everyWrite.length > 0 || this.#writes.size > 0) {
      for (const name of API_WRITES) this.#paired.add(name);
      server.observe((write) => this.#write(write));
    }
    if (checks.length > 0) kernel.events.on('trace', (record) => this.#trace(record));
  }

  #add(check: Check): void {
    if (check.write) {
      const write = check.write.bind(check);
      if (!check.resources) this.#everyWrite.push(write);
      for (const resource of check.resources ?? []) into(this.#writes, resource, write);
    }
    for (const [name, handler] of Object.entries(check.called ?? {})) into(this.#called, name, handler);
    for (const [name, handler] of Object.entries(check.answered ?? {})) {
      into(this.#answered, name, handler);
      this.#paired.add(name);
    }
    if (check.fault) this.#strikes.push(check.fault.bind(check));
    if (check.trace) this.#traces.push(check.trace.bind(check));
  }

  #write(write: CommittedWrite): void {
    // The store records a write and then tells of it, in one step.
    const by = this.#open.get(this.#writeCause)?.call;
    for (const handler of this.#everyWrite) handler(write, by);
    const handlers = this.#writes.get(write.resource);
    if (handlers) for (const handler of handlers) handler(write, by);
  }

  #trace(record: TraceRecord): void {
    for (const handler of this.#traces) handler(record);
    switch (record.kind) {
      case 'write':
        this.#writeCause = record.cause;
        break;
      case 'call':
        this.#call(record);
        break;
      case 'answer':
        this.#answer(record);
        break;
      case 'fault':
        // A breach is no injected fault: it is what somebody did wrong.
        if (record.data[0] !== 'breach') this.#fault(record);
        break;
    }
  }

  #fault(record: TraceRecord): void {
    const node = nodeOf(record.actor);
    this.#faults.set(node, this.#faultsOn(node) + 1);
    for (const handler of this.#strikes) handler(record);
  }

  #call(call: TraceRecord): void {
    if (this.#paired.has(call.name)) {
      this.#open.set(call.seq, { call, faultsHere: this.#faultsOn(nodeOf(call.actor)), faultsElsewhere: this.#faultsOn('') });
    }
    const handlers = this.#called.get(call.name);
    if (handlers) for (const handler of handlers) handler(call);
  }

  #answer(answer: TraceRecord): void {
    const open = this.#open.get(answer.cause);
    if (!open) return;
    this.#open.delete(answer.cause);
    const handlers = this.#answered.get(answer.name);
    if (!handlers) return;
    const { call, faultsHere, faultsElsewhere } = open;
    const ok = answer.data[0] === 'OK';
    const disturbed = this.#faultsOn(nodeOf(call.actor)) !== faultsHere || this.#faultsOn('') !== faultsElsewhere;
    const exchange: Exchange = { call, answer, ok, code: ok ? 'OK' : codeOf(answer.full), disturbed };
    for (const handler of handlers) handler(exchange);
  }

  #faultsOn(node: string): number {
    return this.#faults.get(node) ?? 0;
  }
}

function into<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

/** What a link says on its own behalf when the other side is gone or silent: it tells nothing of the implementation. */
export const isLinkFailure = (code: string): boolean =>
  code === 'UNAVAILABLE' || code === 'DEADLINE_EXCEEDED' || code === 'CANCELLED' || code === 'UNIMPLEMENTED';
