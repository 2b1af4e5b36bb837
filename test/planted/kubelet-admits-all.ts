// Wrong: a pod is taken whether or not there is room for it.
import { definePlugin } from '@slipway/plugin';

export default definePlugin({ interface: 'kubelet', name: 'my-kubelet', create: () => ({ admissionProblems: () => [] }) });
