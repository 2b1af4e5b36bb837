// Wrong: GC reads the list of what is valid as the list of what is not.
import type { GcRequest } from '@slipway/cni';
import { definePlugin } from '@slipway/plugin';
import network, { Network } from './correct/network.ts';

export default definePlugin({
  ...network,
  create: (context) =>
    new (class extends Network {
      override gc({ config }: GcRequest): void {
        const listed = new Set((config['cni.dev/valid-attachments'] ?? []).map(({ containerID }) => containerID));
        for (const [ip, holder] of this.taken) if (listed.has(holder)) this.release(ip);
      }
    })(context),
});
