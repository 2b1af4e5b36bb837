import { conflict, invalid, isEqual, type Kind, type KubeObject, type ObjectMeta, requiredValue, type Stored } from '@slipway/kube';
import type { Identity } from './identity.ts';

type Draft = { -readonly [K in keyof ObjectMeta]: ObjectMeta[K] };

/**
 * Metadata of a new object: what the server sets is set anew, whatever the client sent. managedFields and selfLink are dropped: Slipway
 * keeps no field owners.
 */
export function metadataOfNew(object: KubeObject, kind: Kind, namespace: string, identity: Identity): ObjectMeta {
  const { metadata } = object;
  let { name } = metadata;
  if (!name) {
    if (!metadata.generateName) throw invalid(kind, '', [requiredValue('metadata.name', 'name or generateName is required')]);
    name = identity.name(metadata.generateName);
  }
  const draft: Draft = { name };
  if (kind.namespaced) draft.namespace = namespace;
  draft.uid = identity.uid();
  if (kind.keepsGeneration) draft.generation = 1;
  draft.creationTimestamp = identity.timestamp();
  if (metadata.generateName) draft.generateName = metadata.generateName;
  copyFree(draft, metadata);
  return draft;
}

/**
 * Metadata of an update: labels, annotations, owners and finalizers are the client's, the rest stays as stored. Gives back the stored
 * metadata itself when nothing changes.
 *
 * @throws ApiError Conflict when the client means another object of the same name (uid).
 */
export function metadataOfUpdate(object: KubeObject, old: Stored<KubeObject>, kind: Kind): ObjectMeta {
  const { metadata } = object;
  const before = old.metadata;
  if (metadata === before) return before;
  if (metadata.uid && metadata.uid !== before.uid) {
    throw conflict(kind, before.name, `Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${before.uid}`);
  }
  if (
    isEqual(metadata.labels, before.labels) &&
    isEqual(metadata.annotations, before.annotations) &&
    isEqual(metadata.ownerReferences, before.ownerReferences) &&
    isEqual(metadata.finalizers, before.finalizers)
  ) {
    return before;
  }
  const { labels: _l, annotations: _a, ownerReferences: _o, finalizers: _f, ...kept } = before;
  const draft: Draft = kept;
  copyFree(draft, metadata);
  return draft;
}

function copyFree(draft: Draft, { labels, annotations, ownerReferences, finalizers }: ObjectMeta): void {
  if (labels !== undefined) draft.labels = labels;
  if (annotations !== undefined) draft.annotations = annotations;
  if (ownerReferences !== undefined && ownerReferences.length > 0) draft.ownerReferences = withoutDoubles(ownerReferences);
  if (finalizers !== undefined && finalizers.length > 0) draft.finalizers = finalizers;
}

/** Source: apimachinery `AP/endpoints/handlers/create.go`: an owner that is named twice is dropped with a warning. */
function withoutDoubles(owners: NonNullable<ObjectMeta['ownerReferences']>): NonNullable<ObjectMeta['ownerReferences']> {
  if (owners.length < 2) return owners;
  const kept = owners.filter((owner, index) => owners.findIndex((other) => isEqual(other, owner)) === index);
  return kept.length === owners.length ? owners : kept;
}
