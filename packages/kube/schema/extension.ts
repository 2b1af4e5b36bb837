// Schemas of `types/extension.ts`.

import type * as t from '../types/index.ts';
import { flag, int, json, list, object, once, oneOf, opt, orZero, resources, text, textMap, time } from './build.ts';
import { toleration } from './affinity.ts';
import { objectMeta } from './meta.ts';
import { conditionStatus } from './vocabulary.ts';

export const customResourceDefinitionNames = once(() =>
  object<t.CustomResourceDefinitionNames>({
    plural: text,
    singular: opt(text),
    shortNames: opt(list(text)),
    kind: text,
    listKind: opt(text),
    categories: opt(list(text)),
  }),
);

export const customResourceSubresourceScale = once(() =>
  object<t.CustomResourceSubresourceScale>({
    specReplicasPath: text,
    statusReplicasPath: text,
    labelSelectorPath: opt(text),
  }),
);

export const customResourceSubresources = once(() =>
  object<t.CustomResourceSubresources>({
    status: opt(json),
    scale: opt(customResourceSubresourceScale()),
  }),
);

export const customResourceColumnDefinition = once(() =>
  object<t.CustomResourceColumnDefinition>({
    name: text,
    type: text,
    format: opt(text),
    description: opt(text),
    priority: opt(int),
    jsonPath: text,
  }),
);

export const customResourceValidation = once(() =>
  object<t.CustomResourceValidation>({
    openAPIV3Schema: opt(json),
  }),
);

export const selectableField = once(() =>
  object<t.SelectableField>({
    jsonPath: text,
  }),
);

export const customResourceDefinitionVersion = once(() =>
  object<t.CustomResourceDefinitionVersion>({
    name: text,
    served: flag,
    storage: flag,
    deprecated: opt(flag),
    deprecationWarning: opt(text),
    schema: opt(customResourceValidation()),
    subresources: opt(customResourceSubresources()),
    additionalPrinterColumns: opt(list(customResourceColumnDefinition())),
    selectableFields: opt(list(selectableField())),
  }),
);

export const customResourceDefinitionSpec = once(() =>
  object<t.CustomResourceDefinitionSpec>({
    group: text,
    names: customResourceDefinitionNames(),
    scope: oneOf('Cluster', 'Namespaced'),
    versions: orZero(list(customResourceDefinitionVersion()), []),
    conversion: opt(json),
    preserveUnknownFields: opt(flag),
  }),
);

export const customResourceDefinitionCondition = once(() =>
  object<t.CustomResourceDefinitionCondition>({
    type: text,
    status: conditionStatus,
    lastTransitionTime: opt(time),
    reason: opt(text),
    message: opt(text),
    observedGeneration: opt(int),
  }),
);

export const customResourceDefinitionStatus = once(() =>
  object<t.CustomResourceDefinitionStatus>({
    conditions: opt(list(customResourceDefinitionCondition())),
    acceptedNames: opt(customResourceDefinitionNames()),
    storedVersions: opt(list(text)),
    observedGeneration: opt(int),
  }),
);

export const customResourceDefinition = once(() =>
  object<t.CustomResourceDefinition>({
    apiVersion: oneOf('apiextensions.k8s.io/v1'),
    kind: oneOf('CustomResourceDefinition'),
    metadata: orZero(objectMeta(), {}),
    spec: customResourceDefinitionSpec(),
    status: opt(customResourceDefinitionStatus()),
  }),
);

export const runtimeClassOverhead = once(() =>
  object<t.RuntimeClassOverhead>({
    podFixed: opt(resources),
  }),
);

export const runtimeClassScheduling = once(() =>
  object<t.RuntimeClassScheduling>({
    nodeSelector: opt(textMap),
    tolerations: opt(list(toleration())),
  }),
);

export const runtimeClass = once(() =>
  object<t.RuntimeClass>({
    apiVersion: oneOf('node.k8s.io/v1'),
    kind: oneOf('RuntimeClass'),
    metadata: orZero(objectMeta(), {}),
    handler: text,
    overhead: opt(runtimeClassOverhead()),
    scheduling: opt(runtimeClassScheduling()),
  }),
);
