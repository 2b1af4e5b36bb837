// Schemas of `types/rbac.ts`.

import type * as t from '../types/index.ts';
import { list, object, once, oneOf, opt, orZero, text } from './build.ts';
import { labelSelector, objectMeta } from './meta.ts';

export const policyRule = once(() =>
  object<t.PolicyRule>({
    verbs: orZero(list(text), []),
    apiGroups: opt(list(text)),
    resources: opt(list(text)),
    resourceNames: opt(list(text)),
    nonResourceURLs: opt(list(text)),
  }),
);

export const role = once(() =>
  object<t.Role>({
    apiVersion: oneOf('rbac.authorization.k8s.io/v1'),
    kind: oneOf('Role'),
    metadata: orZero(objectMeta(), {}),
    rules: opt(list(policyRule())),
  }),
);

export const aggregationRule = once(() =>
  object<t.AggregationRule>({
    clusterRoleSelectors: opt(list(labelSelector())),
  }),
);

export const clusterRole = once(() =>
  object<t.ClusterRole>({
    apiVersion: oneOf('rbac.authorization.k8s.io/v1'),
    kind: oneOf('ClusterRole'),
    metadata: orZero(objectMeta(), {}),
    rules: opt(list(policyRule())),
    aggregationRule: opt(aggregationRule()),
  }),
);

export const subject = once(() =>
  object<t.Subject>({
    kind: text,
    apiGroup: opt(text),
    name: text,
    namespace: opt(text),
  }),
);

export const roleRef = once(() =>
  object<t.RoleRef>({
    apiGroup: orZero(text, ''),
    kind: text,
    name: text,
  }),
);

export const roleBinding = once(() =>
  object<t.RoleBinding>({
    apiVersion: oneOf('rbac.authorization.k8s.io/v1'),
    kind: oneOf('RoleBinding'),
    metadata: orZero(objectMeta(), {}),
    subjects: opt(list(subject())),
    roleRef: roleRef(),
  }),
);

export const clusterRoleBinding = once(() =>
  object<t.ClusterRoleBinding>({
    apiVersion: oneOf('rbac.authorization.k8s.io/v1'),
    kind: oneOf('ClusterRoleBinding'),
    metadata: orZero(objectMeta(), {}),
    subjects: opt(list(subject())),
    roleRef: roleRef(),
  }),
);
