// Wrong: an ADD that fails late keeps the address that it took.
import { definePlugin } from '@slipway/plugin';
import network, { Network } from './correct/network.ts';

export default definePlugin({
  ...network,
  create: (context) =>
    new (class extends Network {
      override undo(): void {}
    })(context),
});
