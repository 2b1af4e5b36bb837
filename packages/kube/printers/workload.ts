import { isConditionTrue } from '../conditions.ts';
import { formatLabelSelector, formatLabels } from '../selectors.ts';
import { ageOf, humanDuration, parseTime } from '../time.ts';
import type { CronJob, DaemonSet, Deployment, Job, LabelSelector, PodTemplateSpec, ReplicaSet, StatefulSet } from '../types/index.ts';
import { type Column, column, containerImages, containerNames, none, wide } from './column.ts';
import { age, name } from './shared.ts';

// Source: `pkg/printers/internalversion/printers.go`.

function templateColumns<T>(template: (object: T) => PodTemplateSpec | undefined): readonly Column<T>[] {
  return [
    wide('Containers', (object) => containerNames(template(object)?.spec)),
    wide('Images', (object) => containerImages(template(object)?.spec)),
  ];
}

function selectorColumn<T>(selector: (object: T) => LabelSelector | undefined): Column<T> {
  return wide('Selector', (object) => formatLabelSelector(selector(object)));
}

export const deploymentColumns: readonly Column<Deployment>[] = [
  name,
  column('Ready', ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas ?? 1}`),
  column('Up-to-date', ({ status }) => status?.updatedReplicas ?? 0),
  column('Available', ({ status }) => status?.availableReplicas ?? 0),
  age,
  ...templateColumns<Deployment>(({ spec }) => spec.template),
  selectorColumn<Deployment>(({ spec }) => spec.selector),
];

export const replicaSetColumns: readonly Column<ReplicaSet>[] = [
  name,
  column('Desired', ({ spec }) => spec.replicas ?? 1),
  column('Current', ({ status }) => status?.replicas ?? 0),
  column('Ready', ({ status }) => status?.readyReplicas ?? 0),
  age,
  ...templateColumns<ReplicaSet>(({ spec }) => spec.template),
  selectorColumn<ReplicaSet>(({ spec }) => spec.selector),
];

export const statefulSetColumns: readonly Column<StatefulSet>[] = [
  name,
  column('Ready', ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas ?? 1}`),
  age,
  ...templateColumns<StatefulSet>(({ spec }) => spec.template),
];

export const daemonSetColumns: readonly Column<DaemonSet>[] = [
  name,
  column('Desired', ({ status }) => status?.desiredNumberScheduled ?? 0),
  column('Current', ({ status }) => status?.currentNumberScheduled ?? 0),
  column('Ready', ({ status }) => status?.numberReady ?? 0),
  column('Up-to-date', ({ status }) => status?.updatedNumberScheduled ?? 0),
  column('Available', ({ status }) => status?.numberAvailable ?? 0),
  column('Node Selector', ({ spec }) => formatLabels(spec.template.spec.nodeSelector)),
  age,
  ...templateColumns<DaemonSet>(({ spec }) => spec.template),
  selectorColumn<DaemonSet>(({ spec }) => spec.selector),
];

function jobStatus({ metadata, status }: Job): string {
  const is = (type: string): boolean => isConditionTrue(status?.conditions, type);
  if (is('Complete')) return 'Complete';
  if (is('Failed')) return 'Failed';
  if (metadata.deletionTimestamp !== undefined) return 'Terminating';
  return ['Suspended', 'FailureTarget', 'SuccessCriteriaMet'].find(is) ?? 'Running';
}

function jobCompletions({ spec, status }: Job): string {
  const succeeded = status?.succeeded ?? 0;
  if (spec.completions !== undefined) return `${succeeded}/${spec.completions}`;
  const parallelism = spec.parallelism ?? 0;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function jobDuration({ status }: Job, now: number): string {
  const start = status?.startTime === undefined ? undefined : parseTime(status.startTime);
  if (start === undefined) return '';
  const end = status?.completionTime === undefined ? now : (parseTime(status.completionTime) ?? now);
  return humanDuration(end - start);
}

export const jobColumns: readonly Column<Job>[] = [
  name,
  column('Status', jobStatus),
  column('Completions', jobCompletions),
  column('Duration', jobDuration),
  age,
  ...templateColumns<Job>(({ spec }) => spec.template),
  selectorColumn<Job>(({ spec }) => spec.selector),
];

export const cronJobColumns: readonly Column<CronJob>[] = [
  name,
  column('Schedule', ({ spec }) => spec.schedule),
  column('Timezone', ({ spec }) => spec.timeZone ?? none),
  column('Suspend', ({ spec }) => (spec.suspend === true ? 'True' : 'False')),
  column('Active', ({ status }) => (status?.active ?? []).length),
  column('Last Schedule', ({ status }, now) => (status?.lastScheduleTime === undefined ? none : ageOf(status.lastScheduleTime, now))),
  age,
  ...templateColumns<CronJob>(({ spec }) => spec.jobTemplate.spec.template),
  selectorColumn<CronJob>(({ spec }) => spec.jobTemplate.spec.selector),
];
