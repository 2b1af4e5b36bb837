// Wrong: the containers of a pod are started together with its init containers.
import { definePlugin } from '@slipway/plugin';

export default definePlugin({
  interface: 'kubelet',
  name: 'my-kubelet',
  create: () => ({
    computePodActions(pod, observed, probes, original) {
      const actions = original(pod, observed, probes);
      return actions.initContainersToStart.length > 0
        ? { ...actions, containersToStart: pod.spec.containers.map((_, index) => index) }
        : actions;
    },
  }),
});
