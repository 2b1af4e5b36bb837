import type { Kernel, Micros } from '@slipway/kernel';
import type { Event } from '@slipway/kube';
import type { ApiServer } from '../../apiserver/index.ts';

/** One report of an event. */
export interface Report {
  /** Virtual microseconds. */
  readonly at: Micros;
  readonly event: Event;
}

/** Every report of an event, by its reason and by what it is about: the objects keep whole seconds, and only the last of many. */
export class EventLog {
  readonly #byReason = new Map<string, Report[]>();
  readonly #byObject = new Map<string, Report[]>();
  readonly #all: Report[] = [];

  constructor(kernel: Kernel, server: ApiServer) {
    server.observe(({ resource, type, object }) => {
      if (resource !== 'events' || type === 'DELETED') return;
      const event = object as Event;
      const report = { at: kernel.now, event };
      this.#all.push(report);
      add(this.#byReason, event.reason ?? '', report);
      const { kind = '', name = '' } = event.involvedObject;
      add(this.#byObject, `${kind}/${name}`, report);
    });
  }

  /** In the order of their times; of all reasons if none is given. */
  reports(reason?: string): readonly Report[] {
    return reason === undefined ? this.#all : (this.#byReason.get(reason) ?? []);
  }

  /** Those about objects of this kind and name, in whatever namespace, in the order of their times. */
  about(kind: string, name: string): readonly Report[] {
    return this.#byObject.get(`${kind}/${name}`) ?? [];
  }
}

function add(reports: Map<string, Report[]>, key: string, report: Report): void {
  const same = reports.get(key);
  if (same) same.push(report);
  else reports.set(key, [report]);
}
