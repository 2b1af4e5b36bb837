// Schemas of `types/config.ts`.

import type * as t from '../types/index.ts';
import { flag, list, object, once, oneOf, opt, orZero, text, textMap } from './build.ts';
import { objectMeta } from './meta.ts';
import { localObjectReference, objectReference } from './reference.ts';

export const configMap = once(() =>
  object<t.ConfigMap>({
    apiVersion: oneOf('v1'),
    kind: oneOf('ConfigMap'),
    metadata: orZero(objectMeta(), {}),
    data: opt(textMap),
    binaryData: opt(textMap),
    immutable: opt(flag),
  }),
);

export const secret = once(() =>
  object<t.Secret>({
    apiVersion: oneOf('v1'),
    kind: oneOf('Secret'),
    metadata: orZero(objectMeta(), {}),
    data: opt(textMap),
    stringData: opt(textMap),
    type: opt(text),
    immutable: opt(flag),
  }),
);

export const serviceAccount = once(() =>
  object<t.ServiceAccount>({
    apiVersion: oneOf('v1'),
    kind: oneOf('ServiceAccount'),
    metadata: orZero(objectMeta(), {}),
    secrets: opt(list(objectReference())),
    imagePullSecrets: opt(list(localObjectReference())),
    automountServiceAccountToken: opt(flag),
  }),
);
