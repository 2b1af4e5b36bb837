// Schemas of `types/job.ts`.

import type * as t from '../types/index.ts';
import { flag, int, list, object, once, oneOf, opt, orZero, text, time } from './build.ts';
import { labelSelector, objectMeta, templateMeta } from './meta.ts';
import { podTemplateSpec } from './pod-spec.ts';
import { objectReference } from './reference.ts';
import { conditionStatus } from './vocabulary.ts';

export const podFailurePolicyOnExitCodesRequirement = once(() =>
  object<t.PodFailurePolicyOnExitCodesRequirement>({
    containerName: opt(text),
    operator: oneOf('In', 'NotIn'),
    values: orZero(list(int), []),
  }),
);

export const podFailurePolicyOnPodConditionsPattern = once(() =>
  object<t.PodFailurePolicyOnPodConditionsPattern>({
    type: text,
    status: opt(conditionStatus),
  }),
);

export const podFailurePolicyRule = once(() =>
  object<t.PodFailurePolicyRule>({
    action: oneOf('FailJob', 'FailIndex', 'Ignore', 'Count'),
    onExitCodes: opt(podFailurePolicyOnExitCodesRequirement()),
    onPodConditions: opt(list(podFailurePolicyOnPodConditionsPattern())),
  }),
);

export const podFailurePolicy = once(() =>
  object<t.PodFailurePolicy>({
    rules: orZero(list(podFailurePolicyRule()), []),
  }),
);

export const successPolicyRule = once(() =>
  object<t.SuccessPolicyRule>({
    succeededIndexes: opt(text),
    succeededCount: opt(int),
  }),
);

export const successPolicy = once(() =>
  object<t.SuccessPolicy>({
    rules: orZero(list(successPolicyRule()), []),
  }),
);

export const jobSpec = once(() =>
  object<t.JobSpec>({
    parallelism: opt(int),
    completions: opt(int),
    activeDeadlineSeconds: opt(int),
    podFailurePolicy: opt(podFailurePolicy()),
    successPolicy: opt(successPolicy()),
    backoffLimit: opt(int),
    backoffLimitPerIndex: opt(int),
    maxFailedIndexes: opt(int),
    selector: opt(labelSelector()),
    manualSelector: opt(flag),
    template: orZero(podTemplateSpec(), {}),
    ttlSecondsAfterFinished: opt(int),
    completionMode: opt(oneOf('NonIndexed', 'Indexed')),
    suspend: opt(flag),
    podReplacementPolicy: opt(oneOf('TerminatingOrFailed', 'Failed')),
    managedBy: opt(text),
  }),
);

export const jobCondition = once(() =>
  object<t.JobCondition>({
    type: text,
    status: conditionStatus,
    lastProbeTime: opt(time),
    lastTransitionTime: opt(time),
    reason: opt(text),
    message: opt(text),
  }),
);

export const uncountedTerminatedPods = once(() =>
  object<t.UncountedTerminatedPods>({
    succeeded: opt(list(text)),
    failed: opt(list(text)),
  }),
);

export const jobStatus = once(() =>
  object<t.JobStatus>({
    conditions: opt(list(jobCondition())),
    startTime: opt(time),
    completionTime: opt(time),
    active: opt(int),
    succeeded: opt(int),
    failed: opt(int),
    terminating: opt(int),
    completedIndexes: opt(text),
    failedIndexes: opt(text),
    uncountedTerminatedPods: opt(uncountedTerminatedPods()),
    ready: opt(int),
  }),
);

export const job = once(() =>
  object<t.Job>({
    apiVersion: oneOf('batch/v1'),
    kind: oneOf('Job'),
    metadata: orZero(objectMeta(), {}),
    spec: orZero(jobSpec(), {}),
    status: opt(jobStatus()),
  }),
);

export const jobTemplateSpec = once(() =>
  object<t.JobTemplateSpec>({
    metadata: opt(templateMeta()),
    spec: orZero(jobSpec(), {}),
  }),
);

export const cronJobSpec = once(() =>
  object<t.CronJobSpec>({
    schedule: text,
    timeZone: opt(text),
    startingDeadlineSeconds: opt(int),
    concurrencyPolicy: opt(oneOf('Allow', 'Forbid', 'Replace')),
    suspend: opt(flag),
    jobTemplate: orZero(jobTemplateSpec(), {}),
    successfulJobsHistoryLimit: opt(int),
    failedJobsHistoryLimit: opt(int),
  }),
);

export const cronJobStatus = once(() =>
  object<t.CronJobStatus>({
    active: opt(list(objectReference())),
    lastScheduleTime: opt(time),
    lastSuccessfulTime: opt(time),
  }),
);

export const cronJob = once(() =>
  object<t.CronJob>({
    apiVersion: oneOf('batch/v1'),
    kind: oneOf('CronJob'),
    metadata: orZero(objectMeta(), {}),
    spec: orZero(cronJobSpec(), {}),
    status: opt(cronJobStatus()),
  }),
);
