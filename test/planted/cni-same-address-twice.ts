// Wrong: the next address is counted from how many there are, so that after a DEL one is given that somebody has.
import { cidr, formatIp, nextIp } from '@slipway/host';
import { definePlugin } from '@slipway/plugin';
import network, { Network } from './correct/network.ts';

export default definePlugin({
  ...network,
  create: (context) =>
    new (class extends Network {
      override choose(subnet: string): string {
        const { network: first } = cidr(subnet);
        return formatIp(nextIp(first, 2 + this.taken.size) ?? first);
      }
    })(context),
});
