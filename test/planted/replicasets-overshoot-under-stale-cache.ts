// Wrong: nobody waits until the cache shows what was asked for, so that a slow cache makes it ask again.
import { definePlugin } from '@slipway/plugin';
import { ReplicaSets } from './correct/replica-sets.ts';

export default definePlugin({
  interface: 'controller',
  name: 'replicaset-controller',
  create: () =>
    new (class extends ReplicaSets {
      override isUpToDate(): boolean {
        return true;
      }
    })().definition,
});
