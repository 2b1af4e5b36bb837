// Wrong: where it puts its own finalizer, those of others are lost.
import { definePlugin } from '@slipway/plugin';
import { Labeller, OWN } from './correct/labeller.ts';

export default definePlugin({
  interface: 'controller',
  name: 'labeller',
  create: () =>
    new (class extends Labeller {
      override added(): readonly string[] {
        return [OWN];
      }
    })().definition,
});
