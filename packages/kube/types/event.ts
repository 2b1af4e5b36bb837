// Events: what happened, for people to read. Source: `core/v1`.

import type { KubeObject } from './object.ts';
import type { ObjectReference } from './reference.ts';
import type { MicroTime, Time } from './scalars.ts';

/** Repeats of an event. */
export interface EventSeries {
  readonly count?: number;
  readonly lastObservedTime?: MicroTime;
}

/** Who reported. */
export interface EventSource {
  readonly component?: string;
  readonly host?: string;
}

/** A report about `involvedObject`. */
export interface Event extends KubeObject {
  readonly apiVersion: 'v1';
  readonly kind: 'Event';
  readonly involvedObject: ObjectReference;
  readonly reason?: string;
  readonly message?: string;
  readonly source?: EventSource;
  readonly firstTimestamp?: Time;
  readonly lastTimestamp?: Time;
  readonly count?: number;
  /** `Normal` or `Warning`. */
  readonly type?: string;
  readonly eventTime?: MicroTime;
  readonly series?: EventSeries;
  readonly action?: string;
  readonly related?: ObjectReference;
  readonly reportingComponent?: string;
  readonly reportingInstance?: string;
}
