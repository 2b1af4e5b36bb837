// Wrong: each node gives addresses of one range of its own making.
import { definePlugin } from '@slipway/plugin';
import network, { Network } from './correct/network.ts';

export default definePlugin({
  ...network,
  create: (context) =>
    new (class extends Network {
      override subnetOf(): string {
        return '10.244.0.0/24';
      }
    })(context),
});
