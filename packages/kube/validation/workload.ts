import { differingPaths, isSemanticallyEqual } from '../equality.ts';
import { percentOf } from '../int-or-string.ts';
import type { DaemonSet, Deployment, IntOrString, PodTemplateSpec, ReplicaSet, StatefulSet } from '../types/index.ts';
import { type FieldError, forbiddenField, invalidValue, requiredValue, unsupportedValue } from './field-error.ts';
import { immutableField, notNegative } from './metadata.ts';
import { validatePodTemplate } from './pod.ts';
import { validateWorkloadSelector } from './selector.ts';

// Source: `pkg/apis/apps/validation/validation.go`.

/** A number that is not negative, or a percentage. */
function validateNumberOrPercent(value: IntOrString | undefined, path: string): readonly FieldError[] {
  if (value === undefined || percentOf(value) !== undefined) return [];
  if (typeof value === 'number') return notNegative(value, path);
  const detail =
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%', or '93%', regex used for validation is '[0-9]+%')";
  return [invalidValue(path, value, detail)];
}

function notAboveAll(value: IntOrString | undefined, path: string): readonly FieldError[] {
  const percent = value === undefined ? undefined : percentOf(value);
  return percent !== undefined && percent > 100 ? [invalidValue(path, value, 'must not be greater than 100%')] : [];
}

function isZero(value: IntOrString | undefined): boolean {
  return value === undefined || value === 0 || percentOf(value) === 0;
}

/** The template of pods that are kept running for ever. @param kind the word in messages */
function validateLastingTemplate(template: PodTemplateSpec, kind: string): readonly FieldError[] {
  const path = 'spec.template';
  const errors: FieldError[] = [...validatePodTemplate(template, path)];
  if (template.spec.restartPolicy !== 'Always') {
    errors.push(unsupportedValue(`${path}.spec.restartPolicy`, template.spec.restartPolicy ?? '', ['Always']));
  }
  if (template.spec.activeDeadlineSeconds !== undefined) {
    errors.push(forbiddenField(`${path}.spec.activeDeadlineSeconds`, `activeDeadlineSeconds in ${kind} is not Supported`));
  }
  return errors;
}

export function validateDeployment({ spec }: Deployment): readonly FieldError[] {
  const errors: FieldError[] = [
    ...notNegative(spec.replicas, 'spec.replicas'),
    ...validateWorkloadSelector(spec.selector, spec.template, 'deployment'),
    ...validateLastingTemplate(spec.template, 'Deployment'),
    ...notNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
    ...notNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit'),
    ...notNegative(spec.progressDeadlineSeconds, 'spec.progressDeadlineSeconds'),
  ];
  const { type, rollingUpdate } = spec.strategy ?? {};
  const path = 'spec.strategy.rollingUpdate';
  if (type === 'Recreate' && rollingUpdate !== undefined) {
    errors.push(forbiddenField(path, "may not be specified when strategy `type` is 'Recreate'"));
  }
  if (type === 'RollingUpdate' && rollingUpdate !== undefined) {
    const { maxUnavailable, maxSurge } = rollingUpdate;
    errors.push(
      ...validateNumberOrPercent(maxUnavailable, `${path}.maxUnavailable`),
      ...validateNumberOrPercent(maxSurge, `${path}.maxSurge`),
    );
    if (isZero(maxUnavailable) && isZero(maxSurge)) {
      errors.push(invalidValue(`${path}.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0'));
    }
    errors.push(...notAboveAll(maxUnavailable, `${path}.maxUnavailable`));
  }
  const deadline = spec.progressDeadlineSeconds;
  if (deadline !== undefined && deadline <= (spec.minReadySeconds ?? 0)) {
    errors.push(invalidValue('spec.progressDeadlineSeconds', deadline, 'must be greater than minReadySeconds'));
  }
  return errors;
}

export function validateDeploymentUpdate(deployment: Deployment, old: Deployment): readonly FieldError[] {
  return [...validateDeployment(deployment), ...immutableField(deployment.spec.selector, old.spec.selector, 'spec.selector')];
}

export function validateReplicaSet({ spec }: ReplicaSet): readonly FieldError[] {
  return [
    ...notNegative(spec.replicas, 'spec.replicas'),
    ...notNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
    // The word is upstream's slip: a ReplicaSet with an empty selector reads "deployment" there too.
    ...validateWorkloadSelector(spec.selector, spec.template, 'deployment'),
    ...(spec.template === undefined ? [requiredValue('spec.template')] : validateLastingTemplate(spec.template, 'ReplicaSet')),
  ];
}

export function validateReplicaSetUpdate(set: ReplicaSet, old: ReplicaSet): readonly FieldError[] {
  return [...validateReplicaSet(set), ...immutableField(set.spec.selector, old.spec.selector, 'spec.selector')];
}

export function validateDaemonSet({ spec }: DaemonSet): readonly FieldError[] {
  const errors: FieldError[] = [
    ...validateWorkloadSelector(spec.selector, spec.template, 'daemonset'),
    ...validateLastingTemplate(spec.template, 'DaemonSet'),
    ...notNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
    ...notNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit'),
  ];
  const { type, rollingUpdate } = spec.updateStrategy ?? {};
  if (type === 'RollingUpdate') {
    const path = 'spec.updateStrategy.rollingUpdate';
    const { maxUnavailable, maxSurge } = rollingUpdate ?? {};
    errors.push(
      ...validateNumberOrPercent(maxUnavailable, `${path}.maxUnavailable`),
      ...validateNumberOrPercent(maxSurge, `${path}.maxSurge`),
    );
    errors.push(...notAboveAll(maxUnavailable, `${path}.maxUnavailable`), ...notAboveAll(maxSurge, `${path}.maxSurge`));
    if (!isZero(maxUnavailable) && !isZero(maxSurge)) {
      errors.push(invalidValue(`${path}.maxSurge`, maxSurge, 'may not be set when maxUnavailable is non-zero'));
    } else if (isZero(maxUnavailable) && isZero(maxSurge)) {
      errors.push(requiredValue(`${path}.maxUnavailable`, 'cannot be 0 when maxSurge is 0'));
    }
  }
  return errors;
}

export function validateDaemonSetUpdate(set: DaemonSet, old: DaemonSet): readonly FieldError[] {
  return [...validateDaemonSet(set), ...immutableField(set.spec.selector, old.spec.selector, 'spec.selector')];
}

export function validateStatefulSet({ spec }: StatefulSet): readonly FieldError[] {
  const errors: FieldError[] = [
    ...notNegative(spec.replicas, 'spec.replicas'),
    ...notNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
    ...notNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit'),
    ...notNegative(spec.ordinals?.start, 'spec.ordinals.start'),
    ...validateWorkloadSelector(spec.selector, spec.template, 'statefulset'),
    ...validateLastingTemplate(withClaimVolumes(spec.template, spec.volumeClaimTemplates ?? []), 'StatefulSet'),
  ];
  const { type, rollingUpdate } = spec.updateStrategy ?? {};
  const path = 'spec.updateStrategy.rollingUpdate';
  if (type === 'OnDelete' && rollingUpdate !== undefined) {
    errors.push(invalidValue(path, rollingUpdate, `only allowed for updateStrategy '${'RollingUpdate'}'`));
  }
  if (type === 'RollingUpdate' && rollingUpdate !== undefined) {
    const { partition, maxUnavailable } = rollingUpdate;
    errors.push(...notNegative(partition, `${path}.partition`), ...validateNumberOrPercent(maxUnavailable, `${path}.maxUnavailable`));
    if (maxUnavailable !== undefined && isZero(maxUnavailable)) {
      errors.push(invalidValue(`${path}.maxUnavailable`, maxUnavailable, 'cannot be 0'));
    }
    errors.push(...notAboveAll(maxUnavailable, `${path}.maxUnavailable`));
  }
  return errors;
}

/** Each claim template becomes a volume of the pods, so mounts may name it. */
function withClaimVolumes(template: PodTemplateSpec, claims: NonNullable<StatefulSet['spec']['volumeClaimTemplates']>): PodTemplateSpec {
  if (claims.length === 0) return template;
  const names = new Set(claims.map(({ metadata }) => metadata.name));
  const kept = (template.spec.volumes ?? []).filter(({ name }) => !names.has(name));
  const added = [...names].map((name) => ({ name, persistentVolumeClaim: { claimName: name } }));
  return { ...template, spec: { ...template.spec, volumes: [...kept, ...added] } };
}

const changeableOfStatefulSet = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
] as const;

export function validateStatefulSetUpdate(set: StatefulSet, old: StatefulSet): readonly FieldError[] {
  const taken = Object.fromEntries(changeableOfStatefulSet.map((field) => [field, set.spec[field]]));
  const errors = [...validateStatefulSet(set)];
  const allowed = { ...old.spec, ...taken };
  if (!isSemanticallyEqual(set.spec, allowed) && differingPaths(set.spec, allowed).length > 0) {
    errors.push(
      forbiddenField(
        'spec',
        "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
      ),
    );
  }
  return errors;
}
