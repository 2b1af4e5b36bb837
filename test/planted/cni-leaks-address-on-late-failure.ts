// Wrong: an ADD that fails late keeps the address that it took, and no DEL knows whose it is.
import { definePlugin } from '@slipway/plugin';
import network, { Network } from './correct/network.ts';

export default definePlugin({
  ...network,
  create: (context) =>
    new (class extends Network {
      override undo(ip: string): void {
        this.taken.set(ip, '');
      }
    })(context),
});
