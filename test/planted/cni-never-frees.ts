// Wrong: DEL takes the interface away and forgets to free the address.
import { definePlugin } from '@slipway/plugin';
import network, { Network } from './correct/network.ts';

export default definePlugin({
  ...network,
  create: (context) =>
    new (class extends Network {
      override release(): void {}
    })(context),
});
