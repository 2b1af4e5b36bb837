// Schemas of `types/meta.ts`.

import type * as t from '../types/index.ts';
import { flag, int, json, list, object, once, oneOf, opt, orZero, text, textMap, time } from './build.ts';
import { conditionStatus } from './vocabulary.ts';

export const ownerReference = once(() =>
  object<t.OwnerReference>({
    apiVersion: text,
    kind: text,
    name: text,
    uid: text,
    controller: opt(flag),
    blockOwnerDeletion: opt(flag),
  }),
);

export const managedFieldsEntry = once(() =>
  object<t.ManagedFieldsEntry>({
    manager: opt(text),
    operation: opt(oneOf('Apply', 'Update')),
    apiVersion: opt(text),
    time: opt(time),
    fieldsType: opt(text),
    fieldsV1: opt(json),
    subresource: opt(text),
  }),
);

export const objectMeta = once(() =>
  object<t.ObjectMeta>({
    name: orZero(text, ''),
    generateName: opt(text),
    namespace: opt(text),
    uid: opt(text),
    resourceVersion: opt(text),
    generation: opt(int),
    creationTimestamp: opt(time),
    deletionTimestamp: opt(time),
    deletionGracePeriodSeconds: opt(int),
    labels: opt(textMap),
    annotations: opt(textMap),
    ownerReferences: opt(list(ownerReference())),
    finalizers: opt(list(text)),
    managedFields: opt(list(managedFieldsEntry())),
    selfLink: opt(text),
  }),
);

export const templateMeta = once(() =>
  object<t.TemplateMeta>({
    name: opt(text),
    generateName: opt(text),
    namespace: opt(text),
    uid: opt(text),
    resourceVersion: opt(text),
    generation: opt(int),
    creationTimestamp: opt(time),
    deletionTimestamp: opt(time),
    deletionGracePeriodSeconds: opt(int),
    labels: opt(textMap),
    annotations: opt(textMap),
    ownerReferences: opt(list(ownerReference())),
    finalizers: opt(list(text)),
    managedFields: opt(list(managedFieldsEntry())),
    selfLink: opt(text),
  }),
);

export const listMeta = once(() =>
  object<t.ListMeta>({
    resourceVersion: opt(text),
    continue: opt(text),
    remainingItemCount: opt(int),
    selfLink: opt(text),
  }),
);

export const labelSelectorRequirement = once(() =>
  object<t.LabelSelectorRequirement>({
    key: text,
    operator: oneOf('In', 'NotIn', 'Exists', 'DoesNotExist'),
    values: opt(list(text)),
  }),
);

export const labelSelector = once(() =>
  object<t.LabelSelector>({
    matchLabels: opt(textMap),
    matchExpressions: opt(list(labelSelectorRequirement())),
  }),
);

export const condition = once(() =>
  object<t.Condition>({
    type: text,
    status: conditionStatus,
    observedGeneration: opt(int),
    lastTransitionTime: time,
    reason: text,
    message: text,
  }),
);

export const statusCause = once(() =>
  object<t.StatusCause>({
    reason: opt(text),
    message: opt(text),
    field: opt(text),
  }),
);

export const statusDetails = once(() =>
  object<t.StatusDetails>({
    name: opt(text),
    group: opt(text),
    kind: opt(text),
    uid: opt(text),
    causes: opt(list(statusCause())),
    retryAfterSeconds: opt(int),
  }),
);

export const status = once(() =>
  object<t.Status>({
    apiVersion: oneOf('v1'),
    kind: oneOf('Status'),
    metadata: orZero(listMeta(), {}),
    status: opt(oneOf('Success', 'Failure')),
    message: opt(text),
    reason: opt(text),
    details: opt(statusDetails()),
    code: opt(int),
  }),
);

export const preconditions = once(() =>
  object<t.Preconditions>({
    uid: opt(text),
    resourceVersion: opt(text),
  }),
);

export const deleteOptions = once(() =>
  object<t.DeleteOptions>({
    apiVersion: opt(text),
    kind: opt(text),
    gracePeriodSeconds: opt(int),
    preconditions: opt(preconditions()),
    orphanDependents: opt(flag),
    propagationPolicy: opt(oneOf('Orphan', 'Background', 'Foreground')),
    dryRun: opt(list(text)),
  }),
);
