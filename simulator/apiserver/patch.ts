import {
  applyJsonPatch,
  applyMergePatch,
  applyStrategicMergePatch,
  isDocument,
  type JsonPatchOperation,
  LAST_APPLIED,
  type PatchRequest,
  threeWayMergePatch,
  threeWayPatch,
} from '@slipway/client';
import { ApiError, badRequest, conflict, type Kind, type KubeObject, notFound, type Stored } from '@slipway/kube';
import { isBuiltIn } from './kind-rules.ts';
import type { Table } from './table.ts';

/** The object that a patch makes of the stored one. What the patch says of resourceVersion is checked against the stored one. */
export function patched(table: Table, old: Stored<KubeObject>, request: PatchRequest): KubeObject {
  const { kind } = table;
  const { patch, type = 'merge' } = request;
  const result = type === 'apply' ? applied(kind, old, patch) : patchWith(kind, old, patch, type);
  if (!isDocument(result) || !isDocument(result['metadata'])) throw badRequest('a patch must leave an object');
  const object = result as unknown as KubeObject;
  const { metadata } = object;
  if (metadata.name !== old.metadata.name || (metadata.namespace ?? '') !== (old.metadata.namespace ?? '')) {
    throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${old.metadata.name})`);
  }
  if (metadata.resourceVersion !== undefined && metadata.resourceVersion !== old.metadata.resourceVersion) {
    throw conflict(kind, metadata.name);
  }
  return object;
}

function patchWith(kind: Kind, target: unknown, patch: unknown, type: 'json' | 'merge' | 'strategic'): unknown {
  if (type === 'json') {
    if (!Array.isArray(patch)) throw badRequest('a JSON patch is a list of operations');
    return applyJsonPatch(target, patch as readonly JsonPatchOperation[]);
  }
  if (!isDocument(patch)) throw badRequest('a patch is an object');
  if (type === 'merge') return applyMergePatch(target, patch);
  if (!isBuiltIn(kind)) {
    throw new ApiError(
      'UnsupportedMediaType',
      'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
    );
  }
  return applyStrategicMergePatch(target, patch);
}

/** kubectl's client-side apply as one request: the last applied state is kept in the object's annotation. */
function applied(kind: Kind, old: Stored<KubeObject>, wanted: unknown): unknown {
  const body = applyBody(wanted);
  const before = old.metadata.annotations?.[LAST_APPLIED];
  const last: unknown = before === undefined ? undefined : JSON.parse(before);
  const typed = isBuiltIn(kind);
  const patch = typed ? threeWayPatch(last, body, old) : threeWayMergePatch(last, body, old);
  if (patch === undefined) return old;
  return typed ? applyStrategicMergePatch(old, patch) : applyMergePatch(old, patch);
}

/** The body with the annotation that the next apply will compare with. */
export function applyBody(wanted: unknown): KubeObject {
  if (!isDocument(wanted) || !isDocument(wanted['metadata'])) throw badRequest('apply needs an object with metadata');
  const { metadata, status: _status, ...rest } = wanted;
  const { annotations, ...meta } = metadata as { readonly annotations?: { readonly [key: string]: string } };
  const { [LAST_APPLIED]: _last, ...own } = annotations ?? {};
  const plain = { ...rest, metadata: { annotations: own, ...meta } };
  return { ...rest, metadata: { ...meta, annotations: { ...own, [LAST_APPLIED]: `${JSON.stringify(plain)}\n` } } } as unknown as KubeObject;
}

/** autoscaling/v1 Scale: the number of replicas of anything that has one. */
export interface Scale extends KubeObject {
  readonly spec: { readonly replicas?: number };
  readonly status: { readonly replicas: number; readonly selector?: string };
}

interface Scalable extends KubeObject {
  readonly spec?: { readonly replicas?: number };
  readonly status?: { readonly replicas?: number };
}

/** The scale of an object. @throws ApiError NotFound for kinds without one. */
export function scaleOf(table: Table, object: Stored<KubeObject>): Stored<Scale> {
  if (!table.kind.scalable) throw notFound(table.kind, `${object.metadata.name}/scale`);
  const { spec, status } = object as Scalable;
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  return {
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), uid, resourceVersion, creationTimestamp },
    spec: { ...(spec?.replicas === undefined ? {} : { replicas: spec.replicas }) },
    status: { replicas: status?.replicas ?? 0 },
  };
}

/** The object with the replicas of a patched scale. */
export function withScale(object: Stored<KubeObject>, scale: KubeObject): KubeObject {
  const { replicas } = (scale as Scale).spec;
  const { spec } = object as Scalable;
  return { ...object, spec: { ...spec, ...(replicas === undefined ? {} : { replicas }) } } as KubeObject;
}

/** A patch of the scale, applied. */
export function patchedScale(table: Table, old: Stored<KubeObject>, request: PatchRequest): KubeObject {
  const scale = scaleOf(table, old);
  const type = request.type === undefined || request.type === 'apply' ? 'merge' : request.type;
  const result = patchWith(table.kind, scale, request.patch, type) as KubeObject;
  if (result.metadata.resourceVersion !== old.metadata.resourceVersion) throw conflict(table.kind, old.metadata.name);
  return withScale(old, result);
}
