// Schemas of `types/affinity.ts`.

import type * as t from '../types/index.ts';
import { int, list, object, once, oneOf, opt, orZero, text, time } from './build.ts';
import { labelSelector } from './meta.ts';
import { taintEffect } from './vocabulary.ts';

export const nodeSelectorRequirement = once(() =>
  object<t.NodeSelectorRequirement>({
    key: text,
    operator: oneOf('In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt'),
    values: opt(list(text)),
  }),
);

export const nodeSelectorTerm = once(() =>
  object<t.NodeSelectorTerm>({
    matchExpressions: opt(list(nodeSelectorRequirement())),
    matchFields: opt(list(nodeSelectorRequirement())),
  }),
);

export const nodeSelector = once(() =>
  object<t.NodeSelector>({
    nodeSelectorTerms: orZero(list(nodeSelectorTerm()), []),
  }),
);

export const preferredSchedulingTerm = once(() =>
  object<t.PreferredSchedulingTerm>({
    weight: int,
    preference: orZero(nodeSelectorTerm(), {}),
  }),
);

export const nodeAffinity = once(() =>
  object<t.NodeAffinity>({
    requiredDuringSchedulingIgnoredDuringExecution: opt(nodeSelector()),
    preferredDuringSchedulingIgnoredDuringExecution: opt(list(preferredSchedulingTerm())),
  }),
);

export const podAffinityTerm = once(() =>
  object<t.PodAffinityTerm>({
    labelSelector: opt(labelSelector()),
    namespaces: opt(list(text)),
    namespaceSelector: opt(labelSelector()),
    topologyKey: text,
    matchLabelKeys: opt(list(text)),
    mismatchLabelKeys: opt(list(text)),
  }),
);

export const weightedPodAffinityTerm = once(() =>
  object<t.WeightedPodAffinityTerm>({
    weight: int,
    podAffinityTerm: podAffinityTerm(),
  }),
);

export const podAffinity = once(() =>
  object<t.PodAffinity>({
    requiredDuringSchedulingIgnoredDuringExecution: opt(list(podAffinityTerm())),
    preferredDuringSchedulingIgnoredDuringExecution: opt(list(weightedPodAffinityTerm())),
  }),
);

export const podAntiAffinity = once(() =>
  object<t.PodAntiAffinity>({
    requiredDuringSchedulingIgnoredDuringExecution: opt(list(podAffinityTerm())),
    preferredDuringSchedulingIgnoredDuringExecution: opt(list(weightedPodAffinityTerm())),
  }),
);

export const affinity = once(() =>
  object<t.Affinity>({
    nodeAffinity: opt(nodeAffinity()),
    podAffinity: opt(podAffinity()),
    podAntiAffinity: opt(podAntiAffinity()),
  }),
);

export const taint = once(() =>
  object<t.Taint>({
    key: text,
    value: opt(text),
    effect: taintEffect,
    timeAdded: opt(time),
  }),
);

export const toleration = once(() =>
  object<t.Toleration>({
    key: opt(text),
    operator: opt(oneOf('Exists', 'Equal', 'Lt', 'Gt')),
    value: opt(text),
    effect: opt(taintEffect),
    tolerationSeconds: opt(int),
  }),
);

export const topologySpreadConstraint = once(() =>
  object<t.TopologySpreadConstraint>({
    maxSkew: int,
    topologyKey: text,
    whenUnsatisfiable: oneOf('DoNotSchedule', 'ScheduleAnyway'),
    labelSelector: opt(labelSelector()),
    minDomains: opt(int),
    nodeAffinityPolicy: opt(oneOf('Honor', 'Ignore')),
    nodeTaintsPolicy: opt(oneOf('Honor', 'Ignore')),
    matchLabelKeys: opt(list(text)),
  }),
);
