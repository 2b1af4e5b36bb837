import { qualifiedNameProblems } from '../names.ts';
import { parseQuantity, isQuantity } from '../quantity.ts';
import type { ResourceQuota, ResourceQuotaSpec } from '../types/index.ts';
import { type FieldError, invalidValue, requiredValue } from './field-error.ts';
import { immutableDetail } from './metadata.ts';
import { validateAmount } from './resources.ts';

// Source: `pkg/apis/core/validation/validation.go` ValidateResourceQuotaSpec, `pkg/apis/core/helper/helpers.go`.

const COMPUTE: readonly string[] = ['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory'];
const COUNTS: readonly string[] = [
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
];
const STORAGE: readonly string[] = ['ephemeral-storage', 'requests.ephemeral-storage', 'limits.ephemeral-storage', 'requests.storage'];

const isStandard = (name: string): boolean =>
  COMPUTE.includes(name) || COUNTS.includes(name) || STORAGE.includes(name) || /^(requests\.)?hugepages-/.test(name);

/** Resources of pods that may be bounded for some pods alone. */
const SCOPES: Readonly<Record<string, readonly string[]>> = {
  Terminating: ['pods', ...COMPUTE],
  NotTerminating: ['pods', ...COMPUTE],
  BestEffort: ['pods'],
  NotBestEffort: ['pods', ...COMPUTE],
  PriorityClass: ['pods', ...COMPUTE],
  CrossNamespacePodAffinity: ['pods', ...COMPUTE],
};

export function validateQuota({ spec = {} }: ResourceQuota): readonly FieldError[] {
  return [...validateHard(spec), ...validateScopes(spec), ...validateSelector(spec)];
}

export function validateQuotaUpdate(quota: ResourceQuota, old: ResourceQuota): readonly FieldError[] {
  const scopes = (of: ResourceQuota): string => [...new Set(of.spec?.scopes)].sort().join();
  const moved = scopes(quota) !== scopes(old);
  return [...validateQuota(quota), ...(moved ? [invalidValue('spec.scopes', quota.spec?.scopes ?? [], immutableDetail)] : [])];
}

function validateHard({ hard = {} }: ResourceQuotaSpec): readonly FieldError[] {
  return Object.entries(hard).flatMap(([name, amount]) => {
    const path = `spec.hard[${name}]`;
    const errors: FieldError[] = qualifiedNameProblems(name).map((problem) => invalidValue(path, name, problem));
    if (errors.length === 0 && !name.includes('/') && !isStandard(name)) {
      errors.push(invalidValue(path, name, 'must be a standard resource type or fully qualified'));
      errors.push(invalidValue(path, name, 'must be a standard resource for quota'));
    }
    const whole = !COUNTS.includes(name) || !isQuantity(amount) || parseQuantity(amount).nano % 1_000_000_000n === 0n;
    return [...errors, ...(whole ? validateAmount(name, amount, path) : [invalidValue(path, amount, 'must be an integer')])];
  });
}

function validateScopes({ hard = {}, scopes = [] }: ResourceQuotaSpec): readonly FieldError[] {
  const path = 'spec.scopes';
  const errors: FieldError[] = scopes.flatMap((scope) => [
    ...(scope in SCOPES ? [] : [invalidValue(path, scopes, 'unsupported scope')]),
    ...unscopable(hard, scope).map(() => invalidValue(path, scopes, 'unsupported scope applied to resource')),
  ]);
  return [...errors, ...(areAtOdds(scopes) ? [invalidValue(path, scopes, 'conflicting scopes')] : [])];
}

function validateSelector({ hard = {}, scopes = [], scopeSelector }: ResourceQuotaSpec): readonly FieldError[] {
  const path = 'spec.scopeSelector.matchExpressions';
  const expressions = scopeSelector?.matchExpressions ?? [];
  const errors: FieldError[] = [];
  for (const { scopeName, operator, values = [] } of expressions) {
    if (!(scopeName in SCOPES)) errors.push(invalidValue(`${path}.scopeName`, scopeName, 'unsupported scope'));
    errors.push(...unscopable(hard, scopeName).map(() => invalidValue(path, scopeSelector, 'unsupported scope applied to resource')));
    if (/Terminating|BestEffort/.test(scopeName) && operator !== 'Exists') {
      const detail =
        "must be 'Exist' only operator when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, " +
        'ResourceQuotaScopeBestEffort and ResourceQuotaScopeNotBestEffort';
      errors.push(invalidValue(`${path}.operator`, operator, detail));
    }
    const takesValues = operator === 'In' || operator === 'NotIn';
    if (takesValues && values.length === 0) {
      errors.push(requiredValue(`${path}.values`, "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"));
    }
    if (!takesValues && values.length > 0) {
      errors.push(
        invalidValue(`${path}.values`, values, "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"),
      );
    }
  }
  const names = expressions.map(({ scopeName }) => scopeName);
  return [...errors, ...(areAtOdds(names) ? [invalidValue(path, scopes, 'conflicting scopes')] : [])];
}

/** Bounds that make no sense for some pods alone. */
function unscopable(hard: object, scope: string): readonly string[] {
  const allowed = SCOPES[scope];
  return allowed === undefined ? [] : Object.keys(hard).filter((name) => isStandard(name) && !allowed.includes(name));
}

function areAtOdds(scopes: readonly string[]): boolean {
  return ['Terminating', 'BestEffort'].some((scope) => scopes.includes(scope) && scopes.includes(`Not${scope}`));
}
