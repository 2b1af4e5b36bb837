import { type ControllerContext, defineController, watch } from '@slipway/client';
import type { Process } from '@slipway/kernel';
import type { ConfigMap, Namespace, Stored } from '@slipway/kube';
import { definePlugin } from '@slipway/plugin';
import * as z from 'zod';

/** Namespaces with this label, whatever its value, get the ConfigMap. */
export const LABEL = 'my-name/team';

/** What the namespace's object wants to be there: a pure function, so that it can be tested without a cluster. */
export function wanted({ metadata }: Stored<Namespace>, name: string): ConfigMap | undefined {
  const team = metadata.labels?.[LABEL];
  if (team === undefined || metadata.deletionTimestamp !== undefined) return undefined;
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name,
      namespace: metadata.name,
      // With its owner goes the object: the garbage collector sees to it.
      ownerReferences: [{ apiVersion: 'v1', kind: 'Namespace', name: metadata.name, uid: metadata.uid, controller: true }],
    },
    data: { team },
  };
}

/**
 * Brings the world one step nearer to what is wanted. It looks at caches of the API server, decides, and writes; it may be called at any
 * time, once too often, or late. It never asks what changed: "level-triggered" is why it also mends what somebody else broke.
 */
function* reconcile(key: string, { api, informers, log }: ControllerContext, name: string): Process {
  const namespace = informers.get('namespaces').get(key);
  if (!namespace) return;
  const there = informers.get('configmaps').get(`${key}/${name}`);
  const want = wanted(namespace, name);
  if (!want) {
    if (there?.metadata.ownerReferences?.some(({ uid }) => uid === namespace.metadata.uid))
      yield* api.configmaps.delete({ namespace: key, name });
    return;
  }
  if (!there) {
    yield* api.configmaps.create(want);
    log(`told team ${want.data?.['team']}`, key);
  } else if (there.data?.['team'] !== want.data?.['team']) {
    // The resourceVersion of what was read goes along: if somebody was quicker, the API server says Conflict, and the key comes again.
    yield* api.configmaps.update({ ...there, data: want.data ?? {} });
  }
}

export default definePlugin({
  interface: 'controller',
  name: 'my-name',
  description: 'Tells each labelled namespace which team it belongs to',
  options: z.strictObject({ configMap: z.string().min(1).default('team') }),
  // Called once per cluster. The controller's name is what traces and events call it.
  create: ({ options }) =>
    defineController({
      name: 'my-name',
      // The key is the namespace's name: from the namespace itself, or from the ConfigMap that it owns.
      watches: [watch('namespaces'), watch('configmaps', { keys: (object) => [object.metadata.namespace ?? ''] })],
      reconcile: (key, context) => reconcile(key, context, options.configMap),
    }),
});
