import type { ApiClient } from '@slipway/client';
import { codeOf, invariant, type Process, seconds, sleep } from '@slipway/kernel';
import { kindOf, type KubeObject } from '@slipway/kube';

/** Creates an object that a plugin brings, unless it is there. */
export function* install(api: ApiClient, object: KubeObject): Process {
  const kind = kindOf(object.apiVersion, object.kind);
  invariant(kind, `a plugin's manifests hold a kind that is not built in: ${object.apiVersion}, ${object.kind}`);
  const { metadata } = object;
  const placed =
    kind.namespaced && metadata.namespace === undefined ? { ...object, metadata: { ...metadata, namespace: 'default' } } : object;
  try {
    yield* persistently(() => api.resource<KubeObject>(kind.plural).create(placed));
  } catch (error) {
    if (codeOf(error) !== 'AlreadyExists') throw error;
  }
}

/** What may pass by itself: nobody answered, or somebody is too busy. */
const PASSING: ReadonlySet<string> = new Set([
  ...['ServiceUnavailable', 'Timeout', 'ServerTimeout', 'TooManyRequests', 'InternalError'],
  ...['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'INTERNAL', 'ABORTED'],
]);

/** Tries again until it succeeds or is refused for good, as an administrator does. */
export function* persistently<T>(attempt: () => Process<T>): Process<T> {
  for (;;) {
    try {
      return yield* attempt();
    } catch (error) {
      if (!PASSING.has(codeOf(error))) throw error;
      yield* sleep(seconds(1));
    }
  }
}
