// Wrong: with its own finalizer it takes those of others away.
import { definePlugin } from '@slipway/plugin';
import { Labeller } from './correct/labeller.ts';

export default definePlugin({
  interface: 'controller',
  name: 'labeller',
  create: () =>
    new (class extends Labeller {
      override without(): readonly string[] {
        return [];
      }
    })().definition,
});
