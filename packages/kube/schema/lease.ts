// Schemas of `types/lease.ts`.

import type * as t from '../types/index.ts';
import { int, microTime, object, once, oneOf, opt, orZero, text } from './build.ts';
import { objectMeta } from './meta.ts';

export const leaseSpec = once(() =>
  object<t.LeaseSpec>({
    holderIdentity: opt(text),
    leaseDurationSeconds: opt(int),
    acquireTime: opt(microTime),
    renewTime: opt(microTime),
    leaseTransitions: opt(int),
    strategy: opt(text),
    preferredHolder: opt(text),
  }),
);

export const lease = once(() =>
  object<t.Lease>({
    apiVersion: oneOf('coordination.k8s.io/v1'),
    kind: oneOf('Lease'),
    metadata: orZero(objectMeta(), {}),
    spec: orZero(leaseSpec(), {}),
  }),
);
