// Wrong: an owner that the cache does not show counts as gone; the cache may be behind.
import type { ControllerContext } from '@slipway/client';
import type { Process } from '@slipway/kernel';
import type { OwnerReference, Pod, Stored } from '@slipway/kube';
import { definePlugin } from '@slipway/plugin';
import { GarbageCollector } from './correct/garbage-collector.ts';

export default definePlugin({
  interface: 'controller',
  name: 'garbage-collector-controller',
  create: () =>
    new (class extends GarbageCollector {
      override *isThere(owner: OwnerReference, object: Stored<Pod>, context: ControllerContext): Process<boolean> {
        if (owner.kind !== 'ReplicaSet') return yield* super.isThere(owner, object, context);
        return context.informers.get('replicasets').get(`${object.metadata.namespace}/${owner.name}`)?.metadata.uid === owner.uid;
      }
    })().definition,
});
