import { parseCronSchedule } from '../cron-schedule.ts';
import { isEqual, isSemanticallyEqual } from '../equality.ts';
import { matchesLabelSelector } from '../selectors.ts';
import type { CronJob, Job, JobSpec } from '../types/index.ts';
import { type FieldError, invalidValue, requiredValue, unsupportedValue } from './field-error.ts';
import { immutableField, notNegative } from './metadata.ts';
import { validatePodTemplate } from './pod.ts';
import { validateLabelSelector } from './selector.ts';

// Source: `pkg/apis/batch/validation/validation.go`.

const maxIndexedParallelism = 100_000;

function validateJobSpec(spec: JobSpec, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  for (const field of [
    'parallelism',
    'completions',
    'activeDeadlineSeconds',
    'backoffLimit',
    'ttlSecondsAfterFinished',
    'backoffLimitPerIndex',
    'maxFailedIndexes',
  ] as const) {
    errors.push(...notNegative(spec[field], `${path}.${field}`));
  }
  errors.push(...validatePodTemplate(spec.template, `${path}.template`));
  const { restartPolicy } = spec.template.spec;
  if (restartPolicy === 'Always') {
    errors.push(requiredValue(`${path}.template.spec.restartPolicy`, 'valid values: "OnFailure", "Never"'));
  } else if (restartPolicy !== 'OnFailure' && restartPolicy !== 'Never') {
    errors.push(unsupportedValue(`${path}.template.spec.restartPolicy`, restartPolicy, ['OnFailure', 'Never']));
  }
  if (spec.completionMode === 'Indexed') {
    if (spec.completions === undefined) errors.push(requiredValue(`${path}.completions`, 'when completion mode is Indexed'));
    if ((spec.parallelism ?? 0) > maxIndexedParallelism) {
      const detail = `must be less than or equal to ${maxIndexedParallelism} when completion mode is Indexed`;
      errors.push(invalidValue(`${path}.parallelism`, spec.parallelism, detail));
    }
  } else {
    for (const field of ['backoffLimitPerIndex', 'successPolicy'] as const) {
      if (spec[field] !== undefined) {
        errors.push(invalidValue(`${path}.${field}`, spec[field], 'requires indexed completion mode'));
      }
    }
  }
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined) {
    errors.push(requiredValue(`${path}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified'));
  }
  if (spec.podFailurePolicy !== undefined) {
    if (restartPolicy !== 'Never') {
      const detail = 'only "Never" is supported when podFailurePolicy is specified';
      errors.push(invalidValue(`${path}.template.spec.restartPolicy`, restartPolicy, detail));
    }
    errors.push(...validateFailurePolicy(spec, `${path}.podFailurePolicy`));
  }
  return errors;
}

function validateFailurePolicy(spec: JobSpec, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  for (const [index, rule] of (spec.podFailurePolicy?.rules ?? []).entries()) {
    const at = `${path}.rules[${index}]`;
    if (rule.onExitCodes !== undefined && (rule.onPodConditions ?? []).length > 0) {
      errors.push(invalidValue(at, '', 'specifying both OnExitCodes and OnPodConditions is not supported'));
    }
    if (rule.onExitCodes === undefined && (rule.onPodConditions ?? []).length === 0) {
      errors.push(invalidValue(at, '', 'specifying one of OnExitCodes and OnPodConditions is required'));
    }
    if (rule.onExitCodes !== undefined && rule.onExitCodes.values.length === 0) {
      errors.push(invalidValue(`${at}.onExitCodes.values`, [], 'at least one value is required'));
    }
    if (rule.action === 'FailIndex' && spec.backoffLimitPerIndex === undefined) {
      errors.push(invalidValue(`${at}.action`, rule.action, 'requires the backoffLimitPerIndex to be set'));
    }
  }
  return errors;
}

/** Checks a job. One whose selector the server has not made yet passes without. */
export function validateJob(job: Job): readonly FieldError[] {
  const errors: FieldError[] = [...validateJobSpec(job.spec, 'spec')];
  const { selector, template, manualSelector } = job.spec;
  if (selector === undefined) {
    if (manualSelector === true) errors.push(requiredValue('spec.selector'));
    return errors;
  }
  errors.push(...validateLabelSelector(selector, 'spec.selector'));
  if (!matchesLabelSelector(selector, template.metadata?.labels)) {
    errors.push(
      invalidValue('spec.template.metadata.labels', template.metadata?.labels ?? {}, '`selector` does not match template `labels`'),
    );
  }
  return errors;
}

const fixedInJob = ['selector', 'completionMode', 'podFailurePolicy', 'backoffLimitPerIndex', 'managedBy', 'successPolicy'] as const;

export function validateJobUpdate(job: Job, old: Job): readonly FieldError[] {
  const errors: FieldError[] = [...validateJobSpec(job.spec, 'spec')];
  for (const field of fixedInJob) errors.push(...immutableField(job.spec[field], old.spec[field], `spec.${field}`));
  // Only an elastic Indexed job may change how much there is to do, together with how much of it runs at once.
  const elastic = job.spec.completionMode === 'Indexed' && job.spec.completions === job.spec.parallelism;
  if (!elastic) errors.push(...immutableField(job.spec.completions, old.spec.completions, 'spec.completions'));
  else if (job.spec.completions === undefined && old.spec.completions !== undefined) errors.push(requiredValue('spec.completions'));
  // A job that never ran may still be moved: queueing systems set placement and resources before they release it.
  const neverRan = old.spec.suspend === true && old.status?.startTime === undefined;
  if (!neverRan && !isSemanticallyEqual(job.spec.template, old.spec.template)) {
    errors.push(invalidValue('spec.template', job.spec.template, 'field is immutable'));
  }
  return errors;
}

export function validateCronJob({ spec }: CronJob): readonly FieldError[] {
  const errors: FieldError[] = [...validateSchedule(spec.schedule)];
  for (const field of ['startingDeadlineSeconds', 'successfulJobsHistoryLimit', 'failedJobsHistoryLimit'] as const) {
    errors.push(...notNegative(spec[field], `spec.${field}`));
  }
  errors.push(...validateTimeZone(spec.timeZone));
  const { selector } = spec.jobTemplate.spec;
  if (selector !== undefined) errors.push(invalidValue('spec.jobTemplate.spec.selector', selector, '`selector` will be auto-generated'));
  if (spec.jobTemplate.spec.manualSelector === true) {
    errors.push(unsupportedValue('spec.jobTemplate.spec.manualSelector', true, ['nil', 'false']));
  }
  return [...errors, ...validateJobSpec(spec.jobTemplate.spec, 'spec.jobTemplate.spec')];
}

export function validateCronJobUpdate(cronJob: CronJob, old: CronJob): readonly FieldError[] {
  return isEqual(cronJob.spec, old.spec) ? [] : validateCronJob(cronJob);
}

const zonePrefix = /^(?:CRON_)?TZ=\S* +/;

function validateSchedule(schedule: string): readonly FieldError[] {
  const path = 'spec.schedule';
  if (schedule === '') return [requiredValue(path)];
  const errors: FieldError[] = [];
  const read = parseCronSchedule(schedule.replace(zonePrefix, ''));
  if ('problem' in read) errors.push(invalidValue(path, schedule, read.problem));
  if (schedule.includes('TZ')) {
    errors.push(invalidValue(path, schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'));
  }
  return errors;
}

const zoneComponent = /^(?!-|\.{1,2}$)[A-Za-z.\-_0-9+]{1,14}$/;

/** Whether there is such a zone is not known here: no engine has the same table of them. */
function validateTimeZone(timeZone: string | undefined): readonly FieldError[] {
  const path = 'spec.timeZone';
  if (timeZone === undefined) return [];
  if (timeZone === '') return [invalidValue(path, timeZone, 'timeZone must be nil or non-empty string')];
  if (!timeZone.split('/').every((component) => zoneComponent.test(component))) {
    return [invalidValue(path, timeZone, `unknown time zone ${timeZone}`)];
  }
  if (timeZone.toLowerCase() !== 'local') return [];
  return [invalidValue(path, timeZone, 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones')];
}
