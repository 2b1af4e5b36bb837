import type { SelectionRequest } from '@slipway/client';
import {
  type FieldRequirement,
  type KubeObject,
  type LabelRequirement,
  matchesFields,
  matchesRequirements,
  parseFieldSelector,
  parseLabelSelector,
} from '@slipway/kube';

/** What a list or watch is limited to, read once. Terms that an index answers are singled out. */
export interface Selection {
  readonly namespace: string | undefined;
  readonly labels: readonly LabelRequirement[] | undefined;
  /** Terms beside `name` and `node`. */
  readonly fields: readonly FieldRequirement[] | undefined;
  /** From `metadata.name=x`. */
  readonly name: string | undefined;
  /** From `spec.nodeName=x`. */
  readonly node: string | undefined;
}

/** @throws SelectorError (code BadRequest) for text that is no selector of this resource. */
export function readSelection(request: SelectionRequest, plural: string): Selection {
  const labels = request.labelSelector ? parseLabelSelector(request.labelSelector) : [];
  let fields = request.fieldSelector ? parseFieldSelector(request.fieldSelector, plural) : [];
  const equalTo = (field: string): string | undefined => fields.find((term) => term.field === field && term.equal)?.value;
  const name = equalTo('metadata.name');
  const node = plural === 'pods' ? equalTo('spec.nodeName') : undefined;
  fields = fields.filter(
    ({ field, value, equal }) =>
      !(equal && ((field === 'metadata.name' && value === name) || (field === 'spec.nodeName' && value === node))),
  );
  return {
    namespace: request.namespace || undefined,
    labels: labels.length > 0 ? labels : undefined,
    fields: fields.length > 0 ? fields : undefined,
    name,
    node,
  };
}

/** Whether the object is selected. */
export function isSelected(selection: Selection, plural: string, object: KubeObject): boolean {
  const { namespace, labels, fields, name, node } = selection;
  const { metadata } = object;
  if (namespace !== undefined && metadata.namespace !== namespace) return false;
  if (name !== undefined && metadata.name !== name) return false;
  if (node !== undefined && nodeNameOf(object) !== node) return false;
  if (labels !== undefined && !matchesRequirements(labels, metadata.labels)) return false;
  return fields === undefined || matchesFields(plural, fields, object);
}

/** A pod's node; empty when it has none. */
export function nodeNameOf(pod: KubeObject): string {
  return (pod as { readonly spec?: { readonly nodeName?: string } }).spec?.nodeName ?? '';
}
