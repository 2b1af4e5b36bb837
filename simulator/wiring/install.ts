import type { ApiClient } from '@slipway/client';
import { codeOf, invariant, type Process } from '@slipway/kernel';
import { kindOf, type KubeObject } from '@slipway/kube';

/** Creates an object that a plugin brings, unless it is there. */
export function* install(api: ApiClient, object: KubeObject): Process {
  const kind = kindOf(object.apiVersion, object.kind);
  invariant(kind, `a plugin's manifests hold a kind that is not built in: ${object.apiVersion}, ${object.kind}`);
  const { metadata } = object;
  const placed =
    kind.namespaced && metadata.namespace === undefined ? { ...object, metadata: { ...metadata, namespace: 'default' } } : object;
  try {
    yield* api.resource<KubeObject>(kind.plural).create(placed);
  } catch (error) {
    if (codeOf(error) !== 'AlreadyExists') throw error;
  }
}
