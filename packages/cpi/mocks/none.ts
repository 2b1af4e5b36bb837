import { definePlugin } from '@slipway/plugin';

/** No cloud provider, as on bare metal without one: nobody asks it anything. */
export const none = definePlugin({
  interface: 'cpi',
  name: 'none',
  description: 'no cloud provider: Services of type LoadBalancer stay pending',
  create: () => ({
    absent: true,
    providerName: () => ({ providerName: 'none' }),
    hasClusterId: () => ({ hasClusterId: false }),
  }),
});
