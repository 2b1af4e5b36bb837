import {
  conflict,
  invalid,
  invalidValue,
  isEqual,
  type Kind,
  type KubeObject,
  notFound,
  type Pod,
  type Stored,
  withDefaults,
} from '@slipway/kube';
import { isReadyToGo } from './deletion-rules.ts';
import { isBuiltIn, rulesOf } from './kind-rules.ts';
import type { Machinery } from './machinery.ts';
import { metadataOfUpdate } from './metadata.ts';
import { removeObject } from './remove.ts';
import type { Table } from './table.ts';
import { specOf, type Validation } from './validation.ts';

type Part = 'main' | 'status';

/** The stored object that an update means, after the check of its resourceVersion. */
export function current(table: Table, object: KubeObject): Stored<KubeObject> {
  const { namespace, name } = object.metadata;
  const old = table.get(table.kind.namespaced ? namespace || 'default' : '', name);
  if (!old) throw notFound(table.kind, name);
  return old;
}

/** @throws ApiError Conflict when the client has seen an older state, Invalid when the kind wants to know which state it has seen. */
export function checkRevision(table: Table, object: KubeObject, old: Stored<KubeObject>): void {
  const { kind } = table;
  const { resourceVersion } = object.metadata;
  if (resourceVersion) {
    if (resourceVersion !== old.metadata.resourceVersion) throw conflict(kind, old.metadata.name);
  } else if (!kind.allowsUnconditionalUpdate) {
    throw invalid(kind, old.metadata.name, [invalidValue('metadata.resourceVersion', 0, 'must be specified for an update')]);
  }
}

/**
 * The steps of an update, in upstream's order. Gives back the stored object itself when nothing has changed: then there is no write and
 * no watch event.
 */
export function update(
  machinery: Machinery,
  validation: Validation,
  table: Table,
  body: KubeObject,
  old: Stored<KubeObject>,
  part: Part,
  verb: string,
): Stored<KubeObject> {
  const { kind } = table;
  const rules = rulesOf(table);
  const sent = machinery.registry.checkKind(table, body);
  const metadata = metadataOfUpdate(sent, old, kind);
  let object: KubeObject;
  if (part === 'status' && kind.statusSubresource) {
    object = withStatus(old, statusOf(sent), statusMetadata(metadata, old, kind, rules.statusKeepsLabels === true));
  } else {
    object = specOf(sent) === specOf(old) && isPlainlySpecced(kind) ? { ...sent, metadata } : withDefaults({ ...sent, metadata });
    if (kind.statusSubresource) object = withStatus(object, statusOf(old), metadata);
    if (rules.prepareUpdate) object = rules.prepareUpdate(object, old);
    if (kind.plural === 'pods' && kind.group === '') object = withAllowedGrace(object as Pod);
    object = machinery.admission.admit({ operation: 'update', kind, namespace: old.metadata.namespace ?? '', object, old });
  }
  if (isEqual(object, old)) return old;
  if (part === 'main' && kind.keepsGeneration && isGenerationChange(object, old, kind, rules.isGenerationChange)) {
    object = { ...object, metadata: { ...object.metadata, generation: (old.metadata.generation ?? 0) + 1 } };
  }
  const bySchema = machinery.registry.schemaErrors(table, object, body.apiVersion, old);
  validation.update(object, old, kind, part === 'status' && kind.statusSubresource ? 'status' : 'main', bySchema);
  if (isReadyToGo(object, table)) return removeObject(machinery, table, old, verb);
  if (part === 'main') machinery.quotas?.charge(kind, object, old);
  if (rules.allocate && part === 'main') object = rules.allocate(object, old, machinery, table);
  const stored = machinery.store.put(table, object, old, verb);
  rules.stored?.(stored, machinery);
  return stored;
}

/** Kinds all of whose defaults stand in their spec: with the stored spec there is nothing to fill in. */
const isPlainlySpecced = ({ plural, group }: Kind): boolean => group === '' && (plural === 'pods' || plural === 'nodes');

function statusOf(object: KubeObject): unknown {
  return (object as { readonly status?: unknown }).status;
}

function withStatus(object: KubeObject, status: unknown, metadata: KubeObject['metadata']): KubeObject {
  if (status === undefined && 'status' in object) {
    const { status: _none, ...rest } = object as KubeObject & { readonly status?: unknown };
    return { ...rest, metadata };
  }
  // Copied, then set: see `withRevision` of the store.
  const copy = { ...object } as { status?: unknown; metadata: KubeObject['metadata'] };
  if (status !== undefined) copy.status = status;
  copy.metadata = metadata;
  return copy as KubeObject;
}

/** Custom resources: nothing. Built-in kinds: owners stay; labels of a Deployment too. Source: the status strategies in `pkg/registry`. */
function statusMetadata(
  metadata: KubeObject['metadata'],
  old: Stored<KubeObject>,
  kind: Kind,
  keepsLabels: boolean,
): KubeObject['metadata'] {
  if (metadata === old.metadata) return metadata;
  if (!isBuiltIn(kind)) return old.metadata;
  const { ownerReferences: _owners, ...rest } = metadata;
  const { ownerReferences, labels } = old.metadata;
  const kept = ownerReferences === undefined ? rest : { ...rest, ownerReferences };
  if (!keepsLabels) return kept;
  const { labels: _labels, ...bare } = kept;
  return labels === undefined ? bare : { ...bare, labels };
}

/** Source: `V/` ValidatePodUpdate and `pkg/registry/core/pod/strategy.go`: a negative period means one second. */
function withAllowedGrace(pod: Pod): Pod {
  return (pod.spec.terminationGracePeriodSeconds ?? 0) < 0 ? { ...pod, spec: { ...pod.spec, terminationGracePeriodSeconds: 1 } } : pod;
}

function isGenerationChange(
  object: KubeObject,
  old: KubeObject,
  kind: Kind,
  own: ((object: KubeObject, old: KubeObject) => boolean) | undefined,
): boolean {
  if (own) return own(object, old);
  const spec = specOf(object);
  // A custom kind may keep what is wanted beside `spec` too, and some built-in ones (PriorityClass) have none.
  if (isBuiltIn(kind) && (spec !== undefined || specOf(old) !== undefined)) return !isEqual(spec, specOf(old));
  return !isEqual(contentOf(object), contentOf(old));
}

function contentOf(object: KubeObject): object {
  const { metadata: _metadata, status: _status, ...content } = object as KubeObject & { readonly status?: unknown };
  return content;
}
