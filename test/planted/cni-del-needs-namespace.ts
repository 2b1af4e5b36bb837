// Wrong: DEL fails once the namespace is gone, as it is after a loss of power.
import { CniError, type DelRequest } from '@slipway/cni';
import { definePlugin } from '@slipway/plugin';
import network, { NotingNetwork } from './correct/network.ts';

export default definePlugin({
  ...network,
  create: (context) =>
    new (class extends NotingNetwork {
      override del(request: DelRequest): void {
        if (!request.netns || !this.host.network.get(request.netns)) throw new CniError(100, 'failed to open the namespace');
        super.del(request);
      }
    })(context),
});
