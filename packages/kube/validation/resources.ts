import { qualifiedNameProblems } from '../names.ts';
import { canonicalQuantity, compareQuantities, isQuantity, parseQuantity } from '../quantity.ts';
import type { ResourceList, ResourceRequirements } from '../types/index.ts';
import { type FieldError, invalidValue, requiredValue } from './field-error.ts';
import { notNegativeDetail } from './metadata.ts';

// Source: `pkg/apis/core/validation/validation.go` ValidateResourceRequirements, `pkg/apis/core/helper/helpers.go`.

const standardForContainers: readonly string[] = ['cpu', 'memory', 'ephemeral-storage'];

/** Resources that exist in whole pieces of a node's own: not cpu, memory, storage or huge pages, and not of Kubernetes' domain. */
export function isExtendedResource(resource: string): boolean {
  return resource.includes('/') && !isNative(resource) && !resource.startsWith('requests.');
}

function isNative(resource: string): boolean {
  return !resource.includes('/') || resource.includes('kubernetes.io/');
}

function mayOvercommit(resource: string): boolean {
  return isNative(resource) && !resource.startsWith('hugepages-');
}

/** Requests and limits of a container: names, signs, whole numbers, and requests within limits. */
export function validateRequirements({ requests = {}, limits = {} }: ResourceRequirements, path: string): readonly FieldError[] {
  const errors: FieldError[] = [...validateAmounts(limits, `${path}.limits`), ...validateAmounts(requests, `${path}.requests`)];
  for (const [resource, request] of Object.entries(requests)) {
    const limit = limits[resource];
    if (!isQuantity(request) || (limit !== undefined && !isQuantity(limit))) continue;
    const overcommits = mayOvercommit(resource);
    if (limit === undefined) {
      if (!overcommits) errors.push(requiredValue(`${path}.limits`, 'Limit must be set for non overcommitable resources'));
      continue;
    }
    const order = compareQuantities(request, limit);
    const shown = canonicalQuantity(limit);
    if (!overcommits && order !== 0) {
      errors.push(invalidValue(`${path}.requests`, canonicalQuantity(request), `must be equal to ${resource} limit of ${shown}`));
    } else if (order > 0) {
      errors.push(
        invalidValue(`${path}.requests`, canonicalQuantity(request), `must be less than or equal to ${resource} limit of ${shown}`),
      );
    }
  }
  return errors;
}

function validateAmounts(amounts: ResourceList, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  for (const [resource, amount] of Object.entries(amounts)) {
    const at = `${path}[${resource}]`;
    for (const problem of qualifiedNameProblems(resource)) errors.push(invalidValue(at, resource, problem));
    if (!resource.includes('/') && !standardForContainers.includes(resource) && !resource.startsWith('hugepages-')) {
      errors.push(invalidValue(at, resource, 'must be a standard resource for containers'));
    }
    errors.push(...validateAmount(resource, amount, at));
  }
  return errors;
}

/** One amount: readable, not negative, and whole where the resource comes in pieces. */
export function validateAmount(resource: string, amount: string, path: string): readonly FieldError[] {
  if (!isQuantity(amount)) return [invalidValue(path, amount, 'must be a valid resource quantity')];
  const { nano } = parseQuantity(amount);
  if (nano < 0n) return [invalidValue(path, amount, notNegativeDetail)];
  const inPieces = isExtendedResource(resource) || resource === 'pods' || resource.startsWith('count/');
  return inPieces && nano % 1_000_000_000n !== 0n ? [invalidValue(path, amount, 'must be an integer')] : [];
}
