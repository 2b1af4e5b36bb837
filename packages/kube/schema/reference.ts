// Schemas of `types/reference.ts`.

import type * as t from '../types/index.ts';
import { object, once, opt, orZero, text } from './build.ts';

export const objectReference = once(() =>
  object<t.ObjectReference>({
    apiVersion: opt(text),
    kind: opt(text),
    namespace: opt(text),
    name: opt(text),
    uid: opt(text),
    resourceVersion: opt(text),
    fieldPath: opt(text),
  }),
);

export const localObjectReference = once(() =>
  object<t.LocalObjectReference>({
    name: orZero(text, ''),
  }),
);

export const secretReference = once(() =>
  object<t.SecretReference>({
    name: opt(text),
    namespace: opt(text),
  }),
);

export const typedLocalObjectReference = once(() =>
  object<t.TypedLocalObjectReference>({
    apiGroup: opt(text),
    kind: text,
    name: text,
  }),
);

export const typedObjectReference = once(() =>
  object<t.TypedObjectReference>({
    apiGroup: opt(text),
    kind: text,
    name: text,
    namespace: opt(text),
  }),
);
