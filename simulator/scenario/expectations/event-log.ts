import type { Kernel, Micros } from '@slipway/kernel';
import type { Event } from '@slipway/kube';
import type { ApiServer } from '../../apiserver/index.ts';

/** One report of an event. */
export interface Report {
  /** Virtual microseconds. */
  readonly at: Micros;
  readonly event: Event;
}

/** Every report of an event, by its reason: the objects keep whole seconds, and only the last of many. */
export class EventLog {
  readonly #byReason = new Map<string, Report[]>();
  readonly #all: Report[] = [];

  constructor(kernel: Kernel, server: ApiServer) {
    server.observe(({ resource, type, object }) => {
      if (resource !== 'events' || type === 'DELETED') return;
      const event = object as Event;
      const report = { at: kernel.now, event };
      this.#all.push(report);
      const reason = event.reason ?? '';
      const same = this.#byReason.get(reason);
      if (same) same.push(report);
      else this.#byReason.set(reason, [report]);
    });
  }

  /** In the order of their times; of all reasons if none is given. */
  reports(reason?: string): readonly Report[] {
    return reason === undefined ? this.#all : (this.#byReason.get(reason) ?? []);
  }
}
