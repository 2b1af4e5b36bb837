import fc from 'fast-check';
import type { LabelSelector, LabelSelectorRequirement } from '@slipway/kube';
import { arbitraryLabels, arbitraryLabelValue, arbitraryQualifiedName } from './names.ts';
import { objectOf } from './object-of.ts';

/** One requirement on a label. */
function arbitraryRequirement(): fc.Arbitrary<LabelSelectorRequirement> {
  const key = arbitraryQualifiedName();
  const values = fc.uniqueArray(arbitraryLabelValue(), { minLength: 1, maxLength: 3 });
  return fc.oneof(
    objectOf({ key, operator: fc.constantFrom('In' as const, 'NotIn' as const), values }, {}),
    objectOf({ key, operator: fc.constantFrom('Exists' as const, 'DoesNotExist' as const) }, {}),
  );
}

/** Any selector of labels; an empty one, which selects everything, is among them. */
export function arbitraryLabelSelector(): fc.Arbitrary<LabelSelector> {
  return objectOf({}, { matchLabels: arbitraryLabels(), matchExpressions: fc.array(arbitraryRequirement(), { maxLength: 3 }) });
}

/** A selector that is not empty and that an object with these labels matches. @param labels at least one */
export function arbitrarySelectorOf(labels: Readonly<Record<string, string>>): fc.Arbitrary<LabelSelector> {
  const keys = Object.keys(labels);
  const matchLabels = fc
    .subarray(keys, { minLength: 1 })
    .map((chosen) => Object.fromEntries(chosen.map((key) => [key, labels[key] ?? ''])));
  const present = fc
    .tuple(fc.constantFrom(...keys), fc.array(arbitraryLabelValue(), { maxLength: 2 }), fc.boolean())
    .map(
      ([key, others, exists]): LabelSelectorRequirement =>
        exists ? { key, operator: 'Exists' } : { key, operator: 'In', values: [...new Set([labels[key] ?? '', ...others])] },
    );
  const absent = arbitraryQualifiedName()
    .filter((key) => !Object.hasOwn(labels, key))
    .map((key): LabelSelectorRequirement => ({ key, operator: 'DoesNotExist' }));
  return objectOf({ matchLabels }, { matchExpressions: fc.array(fc.oneof(present, absent), { minLength: 1, maxLength: 3 }) });
}
