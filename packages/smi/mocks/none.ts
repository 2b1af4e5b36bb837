import { definePlugin } from '@slipway/plugin';

/** A cluster without a mesh: pods stay as they are, nobody has an identity, every request goes to the plain Service and is let in. */
export const none = definePlugin({
  interface: 'smi',
  name: 'none',
  description: 'No mesh: pods stay as they are, requests go to the plain Service.',
  create: () => ({
    absent: true as const,
    inject: () => ({ skipped: 'there is no mesh' }),
    identity: () => ({}),
    route: ({ to }) => ({ to }),
    authorise: () => ({ allowed: true, reason: 'there is no mesh' }),
    observe: () => ({}),
  }),
});
