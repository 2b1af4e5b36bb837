import { definePlugin } from '@slipway/plugin';

/** A kubelet that decides as the built-in one does. */
export default definePlugin({
  interface: 'kubelet',
  name: 'my-kubelet',
  create: () => ({
    computePodActions: (pod, observed, probes, original) => original(pod, observed, probes),
    admissionProblems: (input, original) => original(input),
    podPhase: (input, original) => original(input),
  }),
});
