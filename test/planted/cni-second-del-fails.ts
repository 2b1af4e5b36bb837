// Wrong: DEL of what is not there any more is an error.
import { CniError, type DelRequest } from '@slipway/cni';
import { definePlugin } from '@slipway/plugin';
import network, { Network } from './correct/network.ts';

export default definePlugin({
  ...network,
  create: (context) =>
    new (class extends Network {
      override del(request: DelRequest): void {
        if (![...this.taken.values()].includes(request.containerId)) throw new CniError(100, `${request.containerId} has no address`);
        super.del(request);
      }
    })(context),
});
