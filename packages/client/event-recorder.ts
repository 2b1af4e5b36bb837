import { codeOf, hashText, Mailbox, type Owner, type Process, seconds, sleep } from '@slipway/kernel';
import { type Event, formatTime, type KubeObject, type ObjectReference } from '@slipway/kube';
import type { ApiClient } from './api-client.ts';
import { EventCorrelator, type Sighting } from './event-correlator.ts';

export interface EventRecorderOptions {
  readonly api: ApiClient;
  /** Writes them, in the background. */
  readonly owner: Owner;
  /** Who reports: `kubelet`, `deployment-controller`. */
  readonly component: string;
  /** The node, for reports from one. */
  readonly host?: string;
}

/** Tries of one write while the server does not answer, and the wait between them. Source: client-go `tools/record/event.go`. */
const TRIES = 12;
const RETRY = seconds(10);

/**
 * Reports what happens to objects as core/v1 Events. `report` never waits: a process of the owner writes, one after the other. Repeats
 * become a higher count, floods are combined and then dropped (`EventCorrelator`).
 */
export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #correlator: EventCorrelator;
  readonly #mailbox: Mailbox<{ readonly sighting: Sighting; readonly cause: number }>;
  readonly #offset: number;
  #instant = -1;
  #names = 0;
  #writing = false;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#correlator = new EventCorrelator(options.component, options.host);
    this.#mailbox = new Mailbox(`events of ${options.component}`);
    // Reporters that see an object at the same instant must not give their events one name; in life nanoseconds keep them apart.
    this.#offset = hashText(`${options.component}/${options.host ?? ''}`) % 900;
  }

  normal(object: KubeObject | ObjectReference, reason: string, message: string): void {
    this.report(object, 'Normal', reason, message);
  }

  warning(object: KubeObject | ObjectReference, reason: string, message: string): void {
    this.report(object, 'Warning', reason, message);
  }

  report(object: KubeObject | ObjectReference, type: 'Normal' | 'Warning', reason: string, message: string): void {
    const { owner } = this.#options;
    if (!owner.alive) return;
    const sighting = this.#correlator.see(referenceTo(object), type, reason, message, owner.kernel.unixMicros);
    if (sighting === undefined) return;
    this.#mailbox.send({ sighting, cause: owner.kernel.cause });
    if (this.#writing) return;
    this.#writing = true;
    owner.spawn(`events of ${this.#options.component}`, this.#write());
  }

  *#write(): Process {
    const { kernel } = this.#options.owner;
    for (;;) {
      const { sighting, cause } = yield* this.#mailbox.receive();
      kernel.cause = cause;
      for (let left = TRIES; left > 0; left--) {
        try {
          yield* this.#send(sighting);
          break;
        } catch (error) {
          const code = codeOf(error);
          if (code === 'UNKNOWN') throw error;
          // An answer that another try would not change, such as a namespace that is being deleted.
          if (code !== 'ServiceUnavailable' && code !== 'Timeout' && code !== 'TooManyRequests' && code !== 'ServerTimeout') break;
          yield* sleep(RETRY);
        }
      }
    }
  }

  *#send(sighting: Sighting): Process {
    const { events } = this.#options.api;
    const { series } = sighting;
    const lastTimestamp = formatTime(sighting.at);
    if (series.name !== undefined) {
      try {
        yield* events.patch({
          namespace: namespaceOf(series.involved),
          name: series.name,
          patch: { count: sighting.count, lastTimestamp, message: sighting.message },
        });
        return;
      } catch (error) {
        // It has outlived its time: report anew.
        if (codeOf(error) !== 'NotFound') throw error;
      }
    }
    for (let tries = 0; ; tries++) {
      const event = this.#eventOf(sighting, lastTimestamp);
      try {
        yield* events.create(event);
        series.name = event.metadata.name;
        return;
      } catch (error) {
        if (codeOf(error) !== 'AlreadyExists' || tries >= 8) throw error;
      }
    }
  }

  #eventOf(sighting: Sighting, lastTimestamp: string): Event {
    const { component, host } = this.#options;
    const { series } = sighting;
    return {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `${series.involved.name ?? ''}.${this.#stamp(sighting.at)}`, namespace: namespaceOf(series.involved) },
      involvedObject: series.involved,
      reason: series.reason,
      message: sighting.message,
      source: host === undefined ? { component } : { component, host },
      firstTimestamp: formatTime(series.first),
      lastTimestamp,
      count: sighting.count,
      type: series.type,
      reportingComponent: component,
      reportingInstance: host ?? '',
    };
  }

  /** Nanoseconds since the epoch in hex, as upstream names events; unlike there, a count takes the place of what is below a microsecond. */
  #stamp(at: number): string {
    if (this.#instant === at) this.#names += 1;
    else {
      this.#instant = at;
      this.#names = 0;
    }
    return (BigInt(at) * 1000n + BigInt(this.#offset + this.#names)).toString(16);
  }
}

const namespaceOf = (involved: ObjectReference): string =>
  involved.namespace === undefined || involved.namespace === '' ? 'default' : involved.namespace;

function referenceTo(object: KubeObject | ObjectReference): ObjectReference {
  if (!('metadata' in object)) return object;
  const { apiVersion, kind, metadata } = object;
  const { name, namespace, uid, resourceVersion } = metadata;
  return {
    kind,
    ...(namespace === undefined ? {} : { namespace }),
    name,
    ...(uid === undefined ? {} : { uid }),
    apiVersion,
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  };
}
