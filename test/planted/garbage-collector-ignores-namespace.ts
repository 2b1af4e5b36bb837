// Wrong: an owner is looked for in the namespace `default`, wherever its dependents are.
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
        return yield* super.isThere(owner, { ...object, metadata: { ...object.metadata, namespace: 'default' } }, context);
      }
    })().definition,
});
