// Wrong: an ADD that fails late leaves the interface that it made.
import { type AddRequest, CniError } from '@slipway/cni';
import { definePlugin } from '@slipway/plugin';
import network, { Network } from './correct/network.ts';

export default definePlugin({
  ...network,
  create: (context) =>
    new (class extends Network {
      override plug({ netns, ifname }: AddRequest, address: string): void {
        this.host.network.get(netns)?.addInterface({ name: ifname, kind: 'dummy', addresses: [address] });
        if (this.random.chance(1, 8)) throw new CniError(100, 'the route is there already');
      }
    })(context),
});
