import { workloadLabels } from '../well-known.ts';
import type {
  ClaimTemplate,
  CronJob,
  CronJobSpec,
  DaemonSet,
  DaemonSetSpec,
  Deployment,
  DeploymentSpec,
  Job,
  JobSpec,
  ReplicaSet,
  ReplicationController,
  StatefulSet,
  StatefulSetSpec,
} from '../types/index.ts';
import { defaultPodTemplate } from './pod.ts';
import { change, each, fill, put } from './sharing.ts';

// Source: `pkg/apis/apps/v1/defaults.go`, `pkg/apis/batch/v1/defaults.go`.

export function defaultDeployment(deployment: Deployment): Deployment {
  let spec = fill<DeploymentSpec>(deployment.spec, {
    replicas: 1,
    strategy: { type: 'RollingUpdate' },
    revisionHistoryLimit: 10,
    progressDeadlineSeconds: 600,
  });
  spec = change(spec, 'strategy', (strategy) => {
    const typed = fill(strategy, { type: 'RollingUpdate' });
    if (typed.type !== 'RollingUpdate') return typed;
    return put(typed, 'rollingUpdate', fill(typed.rollingUpdate ?? {}, { maxUnavailable: '25%', maxSurge: '25%' }));
  });
  return put(deployment, 'spec', put(spec, 'template', defaultPodTemplate(spec.template)));
}

export function defaultReplicaSet(set: ReplicaSet): ReplicaSet {
  return put(set, 'spec', change(fill(set.spec, { replicas: 1 }), 'template', defaultPodTemplate));
}

export function defaultReplicationController(controller: ReplicationController): ReplicationController {
  return change(controller, 'spec', (spec) => {
    const result = change(fill(spec, { replicas: 1 }), 'template', defaultPodTemplate);
    const labels = result.template?.metadata?.labels;
    return labels === undefined ? result : fill(result, { selector: labels });
  });
}

export function defaultDaemonSet(set: DaemonSet): DaemonSet {
  let spec = fill<DaemonSetSpec>(set.spec, { updateStrategy: { type: 'RollingUpdate' }, revisionHistoryLimit: 10 });
  spec = change(spec, 'updateStrategy', (strategy) => {
    const typed = fill(strategy, { type: 'RollingUpdate' });
    if (typed.type !== 'RollingUpdate') return typed;
    return put(typed, 'rollingUpdate', fill(typed.rollingUpdate ?? {}, { maxUnavailable: 1, maxSurge: 0 }));
  });
  return put(set, 'spec', put(spec, 'template', defaultPodTemplate(spec.template)));
}

export function defaultStatefulSet(set: StatefulSet): StatefulSet {
  let spec = fill<StatefulSetSpec>(set.spec, {
    replicas: 1,
    podManagementPolicy: 'OrderedReady',
    updateStrategy: { type: 'RollingUpdate' },
    revisionHistoryLimit: 10,
    persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
  });
  spec = change(spec, 'updateStrategy', (strategy) => {
    const typed = fill(strategy, { type: 'RollingUpdate' });
    if (typed.type !== 'RollingUpdate') return typed;
    return put(typed, 'rollingUpdate', fill(typed.rollingUpdate ?? {}, { partition: 0 }));
  });
  spec = change(spec, 'persistentVolumeClaimRetentionPolicy', (policy) => fill(policy, { whenDeleted: 'Retain', whenScaled: 'Retain' }));
  spec = change(spec, 'volumeClaimTemplates', (templates) => each(templates, defaultClaimTemplate));
  return put(set, 'spec', put(spec, 'template', defaultPodTemplate(spec.template)));
}

function defaultClaimTemplate(template: ClaimTemplate): ClaimTemplate {
  const result = fill<ClaimTemplate>(template, { apiVersion: 'v1', kind: 'PersistentVolumeClaim', status: { phase: 'Pending' } });
  return put(result, 'spec', fill(result.spec, { volumeMode: 'Filesystem' }));
}

const maxInt32 = 2 ** 31 - 1;

function defaultJobSpec(spec: JobSpec): JobSpec {
  // A job for which neither number is given runs one pod; one with `parallelism` alone is a work queue and has no completions.
  const counted = spec.completions === undefined && spec.parallelism === undefined ? { ...spec, completions: 1, parallelism: 1 } : spec;
  let result = fill<JobSpec>(counted, {
    parallelism: 1,
    backoffLimit: counted.backoffLimitPerIndex === undefined ? 6 : maxInt32,
    completionMode: 'NonIndexed',
    suspend: false,
    manualSelector: false,
    podReplacementPolicy: counted.podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed',
  });
  result = change(result, 'podFailurePolicy', (policy) =>
    change(policy, 'rules', (rules) =>
      each(rules, (rule) => change(rule, 'onPodConditions', (patterns) => each(patterns, (pattern) => fill(pattern, { status: 'True' })))),
    ),
  );
  return put(result, 'template', defaultPodTemplate(result.template));
}

export function defaultJob(job: Job): Job {
  const result = put(job, 'spec', defaultJobSpec(job.spec));
  const labels = result.spec.template.metadata?.labels;
  const own = result.metadata.labels;
  if (labels === undefined || (own !== undefined && Object.keys(own).length > 0)) return result;
  return { ...result, metadata: { ...result.metadata, labels } };
}

export function defaultCronJob(cronJob: CronJob): CronJob {
  let spec = fill<CronJobSpec>(cronJob.spec, {
    concurrencyPolicy: 'Allow',
    suspend: false,
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 1,
  });
  // The inner job gets its own defaults only when it is created; its pods' are set here.
  spec = change(spec, 'jobTemplate', (template) =>
    change(template, 'spec', (jobSpec) => put(jobSpec, 'template', defaultPodTemplate(jobSpec.template))),
  );
  return put(cronJob, 'spec', spec);
}

/**
 * The selector and labels that the server gives a new Job which does not manage its own; call it once the uid is known.
 * Source: `pkg/registry/batch/job/strategy.go` generateSelector.
 */
export function withJobSelector(job: Job, uid: string): Job {
  if (job.spec.manualSelector === true || job.spec.selector !== undefined) return job;
  const { name } = job.metadata;
  const identity = { [workloadLabels.jobControllerUid]: uid };
  const labels = {
    ...job.spec.template.metadata?.labels,
    'controller-uid': uid,
    'job-name': name,
    ...identity,
    [workloadLabels.jobName]: name,
  };
  const template = { ...job.spec.template, metadata: { ...job.spec.template.metadata, labels } };
  return { ...job, spec: { ...job.spec, selector: { matchLabels: identity }, template } };
}
