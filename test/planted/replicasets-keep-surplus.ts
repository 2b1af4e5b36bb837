// Wrong: what is too much is never deleted.
import type { Process } from '@slipway/kernel';
import { definePlugin } from '@slipway/plugin';
import { ReplicaSets } from './correct/replica-sets.ts';

export default definePlugin({
  interface: 'controller',
  name: 'replicaset-controller',
  create: () =>
    new (class extends ReplicaSets {
      override *manage(...[key, set, pods, api]: Parameters<ReplicaSets['manage']>): Process {
        if ((set.spec.replicas ?? 1) >= pods.length) yield* super.manage(key, set, pods, api);
      }
    })().definition,
});
