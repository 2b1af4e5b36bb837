// Wrong: counting begins at the network's own address.
import { CniError } from '@slipway/cni';
import { cidr, formatIp, type Ip, lastIp, nextIp } from '@slipway/host';
import { definePlugin } from '@slipway/plugin';
import network, { Network } from './correct/network.ts';

export default definePlugin({
  ...network,
  create: (context) =>
    new (class extends Network {
      override choose(subnet: string): string {
        const range = cidr(subnet);
        for (let ip: Ip | undefined = range.network; ip && ip.value < lastIp(range).value; ip = nextIp(ip))
          if (!this.taken.has(formatIp(ip))) return formatIp(ip);
        throw new CniError(100, `no address is free in ${subnet}`);
      }
    })(context),
});
