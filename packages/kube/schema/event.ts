// Schemas of `types/event.ts`.

import type * as t from '../types/index.ts';
import { int, microTime, object, once, oneOf, opt, orZero, text, time } from './build.ts';
import { objectMeta } from './meta.ts';
import { objectReference } from './reference.ts';

export const eventSeries = once(() =>
  object<t.EventSeries>({
    count: opt(int),
    lastObservedTime: opt(microTime),
  }),
);

export const eventSource = once(() =>
  object<t.EventSource>({
    component: opt(text),
    host: opt(text),
  }),
);

export const event = once(() =>
  object<t.Event>({
    apiVersion: oneOf('v1'),
    kind: oneOf('Event'),
    metadata: orZero(objectMeta(), {}),
    involvedObject: orZero(objectReference(), {}),
    reason: opt(text),
    message: opt(text),
    source: opt(eventSource()),
    firstTimestamp: opt(time),
    lastTimestamp: opt(time),
    count: opt(int),
    type: opt(text),
    eventTime: opt(microTime),
    series: opt(eventSeries()),
    action: opt(text),
    related: opt(objectReference()),
    reportingComponent: opt(text),
    reportingInstance: opt(text),
  }),
);
