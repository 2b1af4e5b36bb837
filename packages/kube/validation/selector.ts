import { labelValueProblems, qualifiedNameProblems } from '../names.ts';
import { isEmptySelector, matchesLabelSelector } from '../selectors.ts';
import type { LabelSelector, PodTemplateSpec } from '../types/index.ts';
import { type FieldError, forbiddenField, invalidValue, requiredValue } from './field-error.ts';
import { validateLabels } from './metadata.ts';

// Source: apimachinery `apis/meta/v1/validation/validation.go`, `pkg/apis/apps/validation/validation.go`.

/** Checks keys, values and the number of values of each requirement. */
export function validateLabelSelector(selector: LabelSelector, path: string): readonly FieldError[] {
  const errors: FieldError[] = [...validateLabels(selector.matchLabels, `${path}.matchLabels`)];
  for (const [index, { key, operator, values = [] }] of (selector.matchExpressions ?? []).entries()) {
    const at = `${path}.matchExpressions[${index}]`;
    if (operator === 'In' || operator === 'NotIn') {
      if (values.length === 0) errors.push(requiredValue(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
    } else if (values.length > 0) {
      errors.push(forbiddenField(`${at}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
    }
    for (const problem of qualifiedNameProblems(key)) errors.push(invalidValue(`${at}.key`, key, problem));
    for (const [position, value] of values.entries()) {
      for (const problem of labelValueProblems(value)) errors.push(invalidValue(`${at}.values[${position}]`, value, problem));
    }
  }
  return errors;
}

/** A workload's selector: not empty, and true of the pods that its template makes. @param workload the word in the message */
export function validateWorkloadSelector(
  selector: LabelSelector,
  template: PodTemplateSpec | undefined,
  workload: string,
): readonly FieldError[] {
  const errors: FieldError[] = [...validateLabelSelector(selector, 'spec.selector')];
  if (isEmptySelector(selector)) {
    errors.push(invalidValue('spec.selector', selector, `empty selector is invalid for ${workload}`));
  }
  const labels = template?.metadata?.labels;
  if (template !== undefined && !isEmptySelector(selector) && !matchesLabelSelector(selector, labels)) {
    errors.push(invalidValue('spec.template.metadata.labels', labels ?? {}, '`selector` does not match template `labels`'));
  }
  return errors;
}
