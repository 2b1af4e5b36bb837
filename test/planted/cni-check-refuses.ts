// Wrong: CHECK looks for the address without its prefix, and finds none that ADD gave.
import { type CheckRequest, CniError } from '@slipway/cni';
import { definePlugin } from '@slipway/plugin';
import network, { Network } from './correct/network.ts';

export default definePlugin({
  ...network,
  create: (context) =>
    new (class extends Network {
      override check({ netns, ifname }: CheckRequest): void {
        const addresses = this.host.network.get(netns)?.interfaces.get(ifname)?.addresses ?? [];
        if (!addresses.some((address) => this.taken.has(address))) throw new CniError(100, `${ifname} has lost its address`);
      }
    })(context),
});
