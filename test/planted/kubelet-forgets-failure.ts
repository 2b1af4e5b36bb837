// Wrong: a pod whose containers have all ended is still called running.
import { definePlugin } from '@slipway/plugin';

export default definePlugin({
  interface: 'kubelet',
  name: 'my-kubelet',
  create: () => ({
    podPhase(input, original) {
      const phase = original(input);
      return phase === 'Succeeded' ? 'Running' : phase;
    },
  }),
});
