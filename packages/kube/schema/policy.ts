// Schemas of `types/policy.ts`.

import type * as t from '../types/index.ts';
import { flag, int, intOrString, json, list, map, object, once, oneOf, opt, orZero, quantity, text, time } from './build.ts';
import { condition, labelSelector, objectMeta } from './meta.ts';

export const priorityClass = once(() =>
  object<t.PriorityClass>({
    apiVersion: oneOf('scheduling.k8s.io/v1'),
    kind: oneOf('PriorityClass'),
    metadata: orZero(objectMeta(), {}),
    value: int,
    globalDefault: opt(flag),
    description: opt(text),
    preemptionPolicy: opt(oneOf('PreemptLowerPriority', 'Never')),
  }),
);

export const podDisruptionBudgetSpec = once(() =>
  object<t.PodDisruptionBudgetSpec>({
    minAvailable: opt(intOrString),
    selector: opt(labelSelector()),
    maxUnavailable: opt(intOrString),
    unhealthyPodEvictionPolicy: opt(oneOf('IfHealthyBudget', 'AlwaysAllow')),
  }),
);

export const podDisruptionBudgetStatus = once(() =>
  object<t.PodDisruptionBudgetStatus>({
    observedGeneration: opt(int),
    disruptedPods: opt(map(time)),
    disruptionsAllowed: orZero(int, 0),
    currentHealthy: orZero(int, 0),
    desiredHealthy: orZero(int, 0),
    expectedPods: orZero(int, 0),
    conditions: opt(list(condition())),
  }),
);

export const podDisruptionBudget = once(() =>
  object<t.PodDisruptionBudget>({
    apiVersion: oneOf('policy/v1'),
    kind: oneOf('PodDisruptionBudget'),
    metadata: orZero(objectMeta(), {}),
    spec: opt(podDisruptionBudgetSpec()),
    status: opt(podDisruptionBudgetStatus()),
  }),
);

export const crossVersionObjectReference = once(() =>
  object<t.CrossVersionObjectReference>({
    kind: text,
    name: text,
    apiVersion: opt(text),
  }),
);

export const metricTarget = once(() =>
  object<t.MetricTarget>({
    type: oneOf('Utilization', 'Value', 'AverageValue'),
    value: opt(quantity),
    averageValue: opt(quantity),
    averageUtilization: opt(int),
  }),
);

export const metricIdentifier = once(() =>
  object<t.MetricIdentifier>({
    name: text,
    selector: opt(labelSelector()),
  }),
);

export const resourceMetricSource = once(() =>
  object<t.ResourceMetricSource>({
    name: text,
    target: metricTarget(),
  }),
);

export const containerResourceMetricSource = once(() =>
  object<t.ContainerResourceMetricSource>({
    name: text,
    target: metricTarget(),
    container: text,
  }),
);

export const podsMetricSource = once(() =>
  object<t.PodsMetricSource>({
    metric: metricIdentifier(),
    target: metricTarget(),
  }),
);

export const objectMetricSource = once(() =>
  object<t.ObjectMetricSource>({
    describedObject: crossVersionObjectReference(),
    target: metricTarget(),
    metric: metricIdentifier(),
  }),
);

export const externalMetricSource = once(() =>
  object<t.ExternalMetricSource>({
    metric: metricIdentifier(),
    target: metricTarget(),
  }),
);

export const metricSpec = once(() =>
  object<t.MetricSpec>({
    type: oneOf('Object', 'Pods', 'Resource', 'ContainerResource', 'External'),
    object: opt(objectMetricSource()),
    pods: opt(podsMetricSource()),
    resource: opt(resourceMetricSource()),
    containerResource: opt(containerResourceMetricSource()),
    external: opt(externalMetricSource()),
  }),
);

export const hpaScalingPolicy = once(() =>
  object<t.HPAScalingPolicy>({
    type: oneOf('Pods', 'Percent'),
    value: int,
    periodSeconds: int,
  }),
);

export const hpaScalingRules = once(() =>
  object<t.HPAScalingRules>({
    stabilizationWindowSeconds: opt(int),
    selectPolicy: opt(oneOf('Max', 'Min', 'Disabled')),
    policies: opt(list(hpaScalingPolicy())),
    tolerance: opt(quantity),
  }),
);

export const horizontalPodAutoscalerBehavior = once(() =>
  object<t.HorizontalPodAutoscalerBehavior>({
    scaleUp: opt(hpaScalingRules()),
    scaleDown: opt(hpaScalingRules()),
  }),
);

export const horizontalPodAutoscalerSpec = once(() =>
  object<t.HorizontalPodAutoscalerSpec>({
    scaleTargetRef: crossVersionObjectReference(),
    minReplicas: opt(int),
    maxReplicas: int,
    metrics: opt(list(metricSpec())),
    behavior: opt(horizontalPodAutoscalerBehavior()),
  }),
);

export const horizontalPodAutoscalerStatus = once(() =>
  object<t.HorizontalPodAutoscalerStatus>({
    observedGeneration: opt(int),
    lastScaleTime: opt(time),
    currentReplicas: opt(int),
    desiredReplicas: orZero(int, 0),
    currentMetrics: opt(list(json)),
    conditions: opt(list(condition())),
  }),
);

export const horizontalPodAutoscaler = once(() =>
  object<t.HorizontalPodAutoscaler>({
    apiVersion: oneOf('autoscaling/v2'),
    kind: oneOf('HorizontalPodAutoscaler'),
    metadata: orZero(objectMeta(), {}),
    spec: orZero(horizontalPodAutoscalerSpec(), {}),
    status: opt(horizontalPodAutoscalerStatus()),
  }),
);
