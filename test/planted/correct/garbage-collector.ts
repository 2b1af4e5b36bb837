import { type ControllerContext, type ControllerDefinition, defineController, watch } from '@slipway/client';
import { codeOf, type Process, seconds } from '@slipway/kernel';
import { type OwnerReference, type Pod, type Stored } from '@slipway/kube';
import { definePlugin } from '@slipway/plugin';

const OWNERS: Readonly<Record<string, string>> = {
  ReplicaSet: 'replicasets',
  Deployment: 'deployments',
  StatefulSet: 'statefulsets',
  Service: 'services',
  Job: 'jobs',
  Node: 'nodes',
};
const DEPENDENTS = ['pods', 'replicasets', 'endpointslices', 'controllerrevisions'] as const;

/** A garbage collector as a visitor writes it: what has owners, all of which are gone, is deleted. */
export class GarbageCollector {
  get definition(): ControllerDefinition {
    const wake = Object.values(OWNERS).filter((resource) => resource !== 'pods' && resource !== 'replicasets');
    return defineController({
      name: 'garbage-collector-controller',
      watches: [
        ...DEPENDENTS.map((resource) =>
          watch(resource, { keys: ({ metadata }) => [`${resource}/${metadata.namespace}/${metadata.name}`] }),
        ),
        ...wake.map((resource) => watch(resource, { keys: () => [] })),
      ],
      reconcile: (key, context) => this.reconcile(key, context),
    });
  }

  *reconcile(key: string, context: ControllerContext): Process<{ readonly requeueAfter: number } | undefined> {
    const [resource = '', namespace = '', name = ''] = key.split('/');
    const object = context.informers.get(resource as 'pods').get(`${namespace}/${name}`);
    const owners = object?.metadata.ownerReferences ?? [];
    if (!object || owners.length === 0 || object.metadata.deletionTimestamp !== undefined) return undefined;
    for (const owner of owners) if (yield* this.isThere(owner, object, context)) return { requeueAfter: seconds(20) };
    try {
      yield* context.api.resource(resource).delete({ namespace, name, preconditions: { uid: object.metadata.uid } });
    } catch (error) {
      if (codeOf(error) !== 'NotFound' && codeOf(error) !== 'Conflict') throw error;
    }
    return undefined;
  }

  /** By the server's word: a cache may be behind. */
  *isThere({ kind, name, uid }: OwnerReference, { metadata }: Stored<Pod>, { api }: ControllerContext): Process<boolean> {
    const resource = OWNERS[kind];
    if (resource === undefined) return true;
    try {
      const owner = yield* api.resource(resource).get(kind === 'Node' ? { name } : { name, namespace: metadata.namespace ?? 'default' });
      return owner.metadata.uid === uid;
    } catch (error) {
      if (codeOf(error) === 'NotFound') return false;
      throw error;
    }
  }
}

export default definePlugin({
  interface: 'controller',
  name: 'garbage-collector-controller',
  create: () => new GarbageCollector().definition,
});
