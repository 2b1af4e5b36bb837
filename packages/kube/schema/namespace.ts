// Schemas of `types/namespace.ts`.

import type * as t from '../types/index.ts';
import { list, object, once, oneOf, opt, orZero, resources, text, time } from './build.ts';
import { objectMeta } from './meta.ts';
import { conditionStatus } from './vocabulary.ts';

export const namespaceCondition = once(() =>
  object<t.NamespaceCondition>({
    type: text,
    status: conditionStatus,
    lastTransitionTime: opt(time),
    reason: opt(text),
    message: opt(text),
  }),
);

export const namespaceSpec = once(() =>
  object<t.NamespaceSpec>({
    finalizers: opt(list(text)),
  }),
);

export const namespaceStatus = once(() =>
  object<t.NamespaceStatus>({
    phase: opt(oneOf('Active', 'Terminating')),
    conditions: opt(list(namespaceCondition())),
  }),
);

export const namespace = once(() =>
  object<t.Namespace>({
    apiVersion: oneOf('v1'),
    kind: oneOf('Namespace'),
    metadata: orZero(objectMeta(), {}),
    spec: opt(namespaceSpec()),
    status: opt(namespaceStatus()),
  }),
);

export const scopedResourceSelectorRequirement = once(() =>
  object<t.ScopedResourceSelectorRequirement>({
    scopeName: text,
    operator: oneOf('In', 'NotIn', 'Exists', 'DoesNotExist'),
    values: opt(list(text)),
  }),
);

export const scopeSelector = once(() =>
  object<t.ScopeSelector>({
    matchExpressions: opt(list(scopedResourceSelectorRequirement())),
  }),
);

export const resourceQuotaSpec = once(() =>
  object<t.ResourceQuotaSpec>({
    hard: opt(resources),
    scopes: opt(list(text)),
    scopeSelector: opt(scopeSelector()),
  }),
);

export const resourceQuotaStatus = once(() =>
  object<t.ResourceQuotaStatus>({
    hard: opt(resources),
    used: opt(resources),
  }),
);

export const resourceQuota = once(() =>
  object<t.ResourceQuota>({
    apiVersion: oneOf('v1'),
    kind: oneOf('ResourceQuota'),
    metadata: orZero(objectMeta(), {}),
    spec: opt(resourceQuotaSpec()),
    status: opt(resourceQuotaStatus()),
  }),
);

export const limitRangeItem = once(() =>
  object<t.LimitRangeItem>({
    type: text,
    max: opt(resources),
    min: opt(resources),
    default: opt(resources),
    defaultRequest: opt(resources),
    maxLimitRequestRatio: opt(resources),
  }),
);

export const limitRangeSpec = once(() =>
  object<t.LimitRangeSpec>({
    limits: orZero(list(limitRangeItem()), []),
  }),
);

export const limitRange = once(() =>
  object<t.LimitRange>({
    apiVersion: oneOf('v1'),
    kind: oneOf('LimitRange'),
    metadata: orZero(objectMeta(), {}),
    spec: opt(limitRangeSpec()),
  }),
);
