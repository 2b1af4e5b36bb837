import { dns1123SubdomainProblems } from '../names.ts';
import type { CustomResourceDefinition, Lease, Node, PriorityClass, ServiceAccount } from '../types/index.ts';
import { type FieldError, forbiddenField, invalidValue, requiredValue } from './field-error.ts';
import { immutableField, notNegative } from './metadata.ts';
import { validateTaints } from './placement.ts';
import { validateAmount } from './resources.ts';

// Source: `pkg/apis/core/validation/validation.go`, `pkg/apis/{coordination,scheduling}/validation/validation.go`.

export function validateNode(node: Node): readonly FieldError[] {
  const errors: FieldError[] = [...validateTaints(node.spec.taints ?? [], 'spec.taints')];
  for (const field of ['capacity', 'allocatable'] as const) {
    for (const [resource, amount] of Object.entries(node.status?.[field] ?? {})) {
      errors.push(...validateAmount(resource, amount, `status.${field}[${resource}]`));
    }
  }
  return errors;
}

export function validateNodeUpdate(node: Node, old: Node): readonly FieldError[] {
  const errors: FieldError[] = [...validateNode(node)];
  const [spec, was] = [node.spec, old.spec];
  const cidrs = (given: Node['spec']): readonly string[] => given.podCIDRs ?? (given.podCIDR === undefined ? [] : [given.podCIDR]);
  if (cidrs(was).length > 0 && cidrs(spec).join() !== cidrs(was).join()) {
    errors.push(forbiddenField('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid'));
  }
  if ((was.providerID ?? '') !== '' && spec.providerID !== was.providerID) {
    errors.push(forbiddenField('spec.providerID', 'node updates may not change providerID except from "" to valid'));
  }
  return errors;
}

export function validateLease({ spec }: Lease): readonly FieldError[] {
  const { leaseDurationSeconds: duration, leaseTransitions } = spec;
  return [
    ...(duration !== undefined && duration <= 0 ? [invalidValue('spec.leaseDurationSeconds', duration, 'must be greater than 0')] : []),
    ...notNegative(leaseTransitions, 'spec.leaseTransitions'),
  ];
}

export function validateServiceAccount(account: ServiceAccount): readonly FieldError[] {
  const errors: FieldError[] = [];
  for (const [index, { name }] of (account.imagePullSecrets ?? []).entries()) {
    const at = `imagePullSecrets[${index}].name`;
    if (name === '') errors.push(requiredValue(at));
    else for (const problem of dns1123SubdomainProblems(name)) errors.push(invalidValue(at, name, problem));
  }
  return errors;
}

const highestUserPriority = 1_000_000_000;

export function validatePriorityClass({ metadata, value }: PriorityClass): readonly FieldError[] {
  if (metadata.name.startsWith('system-')) {
    const known = metadata.name === 'system-node-critical' || metadata.name === 'system-cluster-critical';
    return known
      ? []
      : [
          forbiddenField(
            'metadata.name',
            "priority class names with 'system-' prefix are reserved for system use only. error: only system-node-critical and system-cluster-critical exist",
          ),
        ];
  }
  return value > highestUserPriority
    ? [forbiddenField('value', `maximum allowed value of a user defined priority is ${highestUserPriority}`)]
    : [];
}

export function validatePriorityClassUpdate(priorityClass: PriorityClass, old: PriorityClass): readonly FieldError[] {
  return [
    ...(priorityClass.value === old.value ? [] : [forbiddenField('value', 'may not be changed in an update.')]),
    ...immutableField(priorityClass.preemptionPolicy, old.preemptionPolicy, 'preemptionPolicy'),
  ];
}

export function validateDefinition({ metadata, spec }: CustomResourceDefinition): readonly FieldError[] {
  const errors: FieldError[] = [];
  const wanted = `${spec.names.plural}.${spec.group}`;
  if (metadata.name !== wanted) errors.push(invalidValue('metadata.name', metadata.name, 'must be spec.names.plural+"."+spec.group'));
  if (spec.versions.filter(({ storage }) => storage).length !== 1) {
    errors.push(
      invalidValue(
        'spec.versions',
        spec.versions.map(({ name }) => name),
        'must have exactly one version marked as storage version',
      ),
    );
  }
  return errors;
}
