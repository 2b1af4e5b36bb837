// Wrong: a container that has ended is started again, whatever the pod's restart policy says.
import { definePlugin } from '@slipway/plugin';

export default definePlugin({
  interface: 'kubelet',
  name: 'my-kubelet',
  create: () => ({
    computePodActions: (pod, observed, probes, original) =>
      original({ ...pod, spec: { ...pod.spec, restartPolicy: 'Always' } }, observed, probes),
  }),
});
